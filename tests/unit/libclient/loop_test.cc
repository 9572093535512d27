// reeve_start, reeve_fd, reeve_events and reeve_process, as a program with its own loop uses them.
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>

#include "reeve.hpp"
#include "support/temp_dir.h"
#include "unit/libclient/environment.h"
#include "unit/libclient/scripted_server.h"

namespace reeve {
namespace {

using test::Peer;

constexpr int kLong = 10000;  // milliseconds

class LoopTest : public testing::Test {
 protected:
  void serve(test::ScriptedServer::Script script) {
    server_.emplace(directory_ / "s", std::move(script));
    ASSERT_EQ(connection_.connect(server_->path().c_str(), kLong), REEVE_OK) << reeve_detail();
  }
  // The loop: polls as told until something whole has come.
  reeve_error turn(Reply& reply) {
    for (int i = 0; i < 100000; ++i) {
      const reeve_error error = connection_.process(reply);
      if (error != REEVE_AGAIN) return error;
      pollfd asked = {reeve_fd(connection_.get()), reeve_events(connection_.get()), 0};
      if (::poll(&asked, 1, kLong) < 1) return REEVE_TIMEOUT;
    }
    return REEVE_TIMEOUT;
  }
  reeve_connection* raw() const { return connection_.get(); }

  test::Environment environment_;
  test::TempDir directory_;
  std::optional<test::ScriptedServer> server_;
  Connection connection_;
};

TEST_F(LoopTest, a_call_never_waits_and_its_reply_is_read_when_it_is_whole) {
  std::promise<void> asked, go, half, rest;
  serve([&](Peer& peer) {
    peer.call();
    go.get_future().wait();
    peer.raw(R"({"parameters":{"session":"h",)");
    half.set_value();
    rest.get_future().wait();
    peer.raw(std::string(R"("expires_at":1}})") + '\0');
    peer.until_closed();
  });
  reeve_identity who = REEVE_IDENTITY_INIT;
  who.as = "unix";
  ASSERT_EQ(reeve_start_open_session(raw(), &who), REEVE_OK);
  Reply reply;
  EXPECT_EQ(connection_.process(reply), REEVE_AGAIN);
  EXPECT_EQ(reeve_start_whoami(raw()), REEVE_BUSY);
  go.set_value();
  half.get_future().wait();
  EXPECT_EQ(connection_.process(reply), REEVE_AGAIN);
  EXPECT_FALSE(reply);
  rest.set_value();
  ASSERT_EQ(turn(reply), REEVE_OK);
  reeve_session* session = nullptr;
  ASSERT_EQ(reeve_reply_session(reply.get(), &session), REEVE_OK);
  EXPECT_STREQ(reeve_session_handle(session), "h");
  reeve_free_session(session);
  EXPECT_EQ(connection_.process(reply), REEVE_END);
}

TEST_F(LoopTest, a_long_call_leaves_in_pieces_as_the_daemon_takes_it) {
  serve([](Peer& peer) {
    const auto frame = peer.call();
    peer.reply(R"({"got":)" + std::to_string(frame ? frame->size() : 0) + "}");
    peer.until_closed();
  });
  const std::string parameters = "{\"a\":\"" + std::string(250000, 'x') + "\"}";
  ASSERT_EQ(reeve_start(raw(), "io.reeve.Agent.WhoAmI", parameters.c_str(), 0), REEVE_OK);
  Reply reply;
  ASSERT_EQ(turn(reply), REEVE_OK);
  EXPECT_EQ(reeve_events(raw()), POLLIN);
  int64_t got = 0;
  ASSERT_EQ(reeve_reply_number(reply.get(), "got", &got), REEVE_OK);
  EXPECT_EQ(got, int64_t(parameters.size() + std::string(R"({"method":"io.reeve.Agent.WhoAmI",)"
                                                         R"("parameters":})")
                                                 .size()));
}

TEST_F(LoopTest, a_stream_is_read_reply_by_reply) {
  serve([](Peer& peer) {
    peer.call();
    peer.raw(test::reply_frame(R"({"status":"pending"})", true) +
             test::reply_frame(R"({"status":"declined"})"));
    peer.call();
    peer.raw(test::error_frame("io.reeve.Agent.Denied", R"({"reason":"no_rule"})"));
    peer.until_closed();
  });
  ASSERT_EQ(reeve_start_await_consent(raw(), "h", "r"), REEVE_OK);
  Reply reply;
  ASSERT_EQ(turn(reply), REEVE_OK);
  reeve_consent consent = REEVE_FAILED;
  ASSERT_EQ(reeve_reply_consent(reply.get(), &consent), REEVE_OK);
  EXPECT_EQ(consent, REEVE_PENDING);
  ASSERT_EQ(turn(reply), REEVE_OK);
  ASSERT_EQ(reeve_reply_consent(reply.get(), &consent), REEVE_OK);
  EXPECT_EQ(consent, REEVE_DECLINED);
  reeve_token_request ask = REEVE_TOKEN_REQUEST_INIT;
  ask.provider = "p";
  ASSERT_EQ(reeve_start_get_token(raw(), "h", &ask), REEVE_OK);
  ASSERT_EQ(turn(reply), REEVE_OK);
  reeve_token* token = nullptr;
  EXPECT_EQ(reeve_reply_token(reply.get(), &token), REEVE_DENIED);
  EXPECT_STREQ(reeve_detail(), "reason: no_rule");
  EXPECT_EQ(token, nullptr);
}

TEST_F(LoopTest, an_end_is_told_where_it_comes) {
  serve([](Peer& peer) { peer.call(); });
  ASSERT_EQ(reeve_start_watch(raw(), "h"), REEVE_OK);
  Reply reply;
  EXPECT_EQ(turn(reply), REEVE_LOST);
  EXPECT_EQ(reeve_fd(raw()), -1);
  EXPECT_EQ(connection_.process(reply), REEVE_CLOSED);
  EXPECT_EQ(reeve_start_watch(raw(), "h"), REEVE_CLOSED);
}

TEST_F(LoopTest, a_child_of_fork_gets_nothing_of_a_call_under_way) {
  std::promise<void> forked;
  serve([&](Peer& peer) {
    peer.call();
    forked.get_future().wait();
    peer.reply(R"({"session":"secret","expires_at":1})");
    peer.until_closed();
  });
  ASSERT_EQ(reeve_start(raw(), "io.reeve.Agent.OpenSession", nullptr, 0), REEVE_OK);
  const pid_t child = ::fork();
  if (child == 0) {
    Reply reply;
    const bool refused = connection_.process(reply) == REEVE_FORKED && !reply &&
                         reeve_start_whoami(raw()) == REEVE_FORKED;
    ::_exit(refused ? 0 : 1);
  }
  int status = -1;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  forked.set_value();
  Reply reply;
  EXPECT_EQ(turn(reply), REEVE_OK);
}

TEST_F(LoopTest, nothing_is_asked_of_nothing) {
  Reply reply;
  EXPECT_EQ(reeve_process(nullptr, nullptr), REEVE_INVALID_ARGUMENT);
  EXPECT_EQ(reeve_fd(nullptr), -1);
  EXPECT_EQ(reeve_start_watch(nullptr, "h"), REEVE_INVALID_ARGUMENT);
}

}  // namespace
}  // namespace reeve
