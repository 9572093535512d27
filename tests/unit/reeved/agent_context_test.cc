#include "reeved/agent_context.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "service_world.h"

namespace reeve {
namespace {

class AgentContextTest : public test::ServiceWorld {};

TEST_F(AgentContextTest, asks_the_policy_again_after_a_reload) {
  const auto peer = context();
  ASSERT_NE(peer->workload(d->setup.get()), nullptr);
  EXPECT_EQ(peer->workload(d->setup.get())->name, "bot");
  const std::string before = peer->actor(d->setup.get());
  EXPECT_NE(before.find("\"bot\""), std::string::npos);
  std::string text = config_text();
  text.replace(text.find("uid = \"alice\""), 13, "gid = 99");
  const SetupRef reloaded_setup = make_setup(text);
  EXPECT_EQ(peer->workload(reloaded_setup), nullptr);
  EXPECT_EQ(peer->actor(reloaded_setup).find("\"bot\""), std::string::npos);
  EXPECT_EQ(peer->actor(d->setup.get()), before);
}

TEST_F(AgentContextTest, a_peer_of_no_workload_is_still_named_in_the_audit) {
  const auto peer = context(4711);
  EXPECT_EQ(peer->workload(d->setup.get()), nullptr);
  EXPECT_NE(peer->actor(d->setup.get()).find("4711"), std::string::npos);
}

// The connection of a dead peer ends, wherever its socket's other copies are.
TEST_F(AgentContextTest, shuts_the_socket_when_the_peer_dies) {
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
  const Fd ours(ends[0]), copy(ends[1]);
  const pid_t child = ::fork();
  if (child == 0) {
    ::pause();
    ::_exit(0);
  }
  Attested attested;
  attested.peer.uid = 1000;
  attested.pidfd = Fd(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
  ASSERT_TRUE(attested.pidfd);
  const AgentContext peer(loop, {d->setup}, std::move(attested), ours.get(), nullptr);
  char byte = 0;
  for (int i = 0; i < 5; ++i) loop.turn();
  EXPECT_EQ(::recv(ours.get(), &byte, 1, 0), -1) << "it lives: nothing to read";
  ASSERT_EQ(::kill(child, SIGKILL), 0);
  until([&] { return ::recv(ours.get(), &byte, 1, 0) == 0; });
  EXPECT_EQ(::send(copy.get(), "x", 1, MSG_NOSIGNAL), -1);
  ::waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace reeve
