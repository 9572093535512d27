#include "peer/attest.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>

#include "async/unix_socket.h"
#include "support/run.h"

namespace reeve {
namespace {

int connected_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.sun_path);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) ::_exit(1);
  return fd;
}

// A child that connects and ends when told. The parameter: with SO_PEERPIDFD, or as before it.
class AttestTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(directory_), nullptr);
    path_ = std::string(directory_) + "/s";
    listening_ = std::move(*listen_unix(path_, 0666));
    ASSERT_EQ(::pipe(pipe_), 0);
  }
  // `unshared`: the namespaces in which it connects.
  void start_child(int unshared = 0) {
    child_ = ::fork();
    if (child_ == 0) {
      if (unshared != 0 && ::unshare(unshared) != 0) ::_exit(3);
      if ((unshared & CLONE_NEWPID) == 0) run_child();
      const pid_t inner = ::fork();  // the first process of the new namespace
      if (inner == 0) run_child();
      ::waitpid(inner, nullptr, 0);
      ::_exit(0);
    }
    Acceptor acceptor(loop_, std::move(listening_));
    accepted_ = test::run(loop_, acceptor.accept());
  }
  [[noreturn]] void run_child() const {
    connected_to(path_);
    char byte = 0;
    ::_exit(::read(pipe_[0], &byte, 1) < 0 ? 2 : 0);
  }
  void end_child() {
    if (child_ <= 0) return;
    EXPECT_EQ(::write(pipe_[1], "x", 1), 1);
    ::waitpid(child_, nullptr, 0);
    child_ = 0;
  }
  void TearDown() override {
    end_child();
    ::close(pipe_[0]);
    ::close(pipe_[1]);
    ::unlink(path_.c_str());
    ::rmdir(directory_);
  }

  char directory_[32] = "/tmp/reeve-peer.XXXXXX";
  std::string path_;
  Loop loop_;
  Fd listening_, accepted_;
  int pipe_[2] = {-1, -1};
  pid_t child_ = 0;
};

TEST_P(AttestTest, says_who_connected) {
  start_child();
  const auto attested = attest(accepted_.get(), {GetParam()});
  ASSERT_TRUE(attested) << attested.error().text;
  const Peer& peer = attested->peer;
  EXPECT_EQ(peer.pid, child_);
  EXPECT_EQ(peer.uid, ::getuid());
  EXPECT_EQ(peer.gid, ::getgid());
  EXPECT_TRUE(peer.process_scope.starts_with("process:"));
  EXPECT_FALSE(peer.scope.empty());
  EXPECT_TRUE(peer.initial_user_namespace);
  EXPECT_TRUE(peer.initial_pid_namespace);
  EXPECT_TRUE(alive(attested->pidfd.get()));
  EXPECT_EQ(peer.evidence().at("uid"), std::to_string(::getuid()));
  EXPECT_EQ(peer.evidence().at("pid_namespace"), "initial");
  end_child();
  EXPECT_FALSE(alive(attested->pidfd.get()));
}

// W1: who connected is gone; its pid may be anybody's.
TEST_P(AttestTest, W1_refuses_a_peer_that_was_reaped) {
  start_child();
  end_child();
  EXPECT_FALSE(attest(accepted_.get(), {GetParam()}));
}

// W4: root elsewhere is not root here.
TEST_P(AttestTest, W4_sees_other_user_and_pid_namespaces) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  start_child(CLONE_NEWUSER | CLONE_NEWPID);
  const auto attested = attest(accepted_.get(), {GetParam()});
  // A child without any mapping connects as the overflow user: by number that is another user.
  if (!attested) {
    EXPECT_FALSE(GetParam());
    return;
  }
  EXPECT_FALSE(attested->peer.initial_user_namespace);
  EXPECT_FALSE(attested->peer.initial_pid_namespace);
}

// What the processes of a small pid namespace do, its first one among them: A connects, leaves the
// socket with a child and ends; D is made with A's number. 0: attest() refuses; 10 and more: it
// does not, or the scene could not be set.
int with_a_recycled_pid(const std::string& path, bool use_peerpidfd, uid_t heir) {
  if (::unshare(CLONE_NEWNS) != 0 || ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      ::mount("proc", "/proc", "proc", 0, nullptr) != 0) {
    return 11;
  }
  const auto listening = listen_unix(path, 0666);
  if (!listening) return 12;
  const pid_t a = ::fork();
  if (a == 0) {
    connected_to(path);
    if (::fork() == 0) ::pause();  // has the socket, and the policy's ear if it were A
    ::_exit(0);
  }
  const Fd accepted(::accept(listening->get(), nullptr, nullptr));
  ::waitpid(a, nullptr, 0);
  std::ofstream("/proc/sys/kernel/ns_last_pid") << a - 1;
  int changed[2];
  if (::pipe(changed) != 0) return 13;
  const pid_t d = ::fork();
  if (d == 0) {
    if (::setresuid(heir, heir, heir) != 0 || ::write(changed[1], "x", 1) != 1) ::_exit(1);
    ::pause();
  }
  char byte = 0;
  if (d != a || ::read(changed[0], &byte, 1) != 1) return 14;
  return attest(accepted.get(), {use_peerpidfd}) ? 15 : 0;
}

int in_pid_namespace(const std::string& path, bool use_peerpidfd, uid_t heir) {
  const pid_t outer = ::fork();
  if (outer == 0) {
    if (::unshare(CLONE_NEWPID) != 0) ::_exit(10);
    const pid_t first = ::fork();
    if (first == 0) ::_exit(with_a_recycled_pid(path, use_peerpidfd, heir));
    int status = 0;
    ::waitpid(first, &status, 0);
    ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 16);
  }
  int status = 0;
  ::waitpid(outer, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 17;
}

TEST_P(AttestTest, W1_refuses_the_heir_of_a_pid_by_force) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  EXPECT_EQ(in_pid_namespace(path_ + "1", GetParam(), 64321), 0);
  ::unlink((path_ + "1").c_str());
}

// Of the same user only SO_PEERPIDFD tells; see attest.h for what stays before it.
TEST_P(AttestTest, W1_refuses_an_heir_of_the_same_user_where_the_kernel_tells) {
  if (::geteuid() != 0 || !GetParam()) GTEST_SKIP() << "needs root and SO_PEERPIDFD";
  start_child();
  if (peer_pidfd(accepted_.get()).outcome == PidfdOutcome::unsupported)
    GTEST_SKIP() << "needs Linux 6.5";
  EXPECT_EQ(in_pid_namespace(path_ + "1", true, ::getuid()), 0);
  ::unlink((path_ + "1").c_str());
}

INSTANTIATE_TEST_SUITE_P(Kernels, AttestTest, testing::Bool(), [](const auto& kernel) {
  return kernel.param ? "peerpidfd" : "before_6_5";
});

TEST(Attest, tells_the_four_outcomes_apart) {
  EXPECT_EQ(pidfd_outcome(ENOPROTOOPT), PidfdOutcome::unsupported);
  EXPECT_EQ(pidfd_outcome(EINVAL), PidfdOutcome::reaped);
  EXPECT_EQ(pidfd_outcome(ESRCH), PidfdOutcome::reaped);
  for (const int error : {EMFILE, ENFILE, ENOMEM, EPERM, ENODATA})
    EXPECT_EQ(pidfd_outcome(error), PidfdOutcome::unavailable) << error;
  int ends[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
  const Fd first(ends[0]), second(ends[1]);
  const PeerPidfd own = peer_pidfd(first.get());
  EXPECT_TRUE(own.outcome == PidfdOutcome::ok || own.outcome == PidfdOutcome::unsupported);
  EXPECT_EQ(static_cast<bool>(own.fd), own.outcome == PidfdOutcome::ok);
  EXPECT_FALSE(attest(-1));
}

TEST(Attest, by_pid_agrees_with_our_own_ids) {
  const auto attested = attest_pid(::getpid());
  ASSERT_TRUE(attested) << attested.error().text;
  EXPECT_EQ(attested->peer.uid, ::geteuid());
  EXPECT_FALSE(attest_pid(0x3fffff));
}

}  // namespace
}  // namespace reeve
