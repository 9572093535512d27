#include "peer/attest.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "async/unix_socket.h"
#include "support/run.h"

namespace reeve {
namespace {

// A child that connects, tells its fd is there, and ends when told.
class AttestTest : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    ASSERT_NE(::mkdtemp(directory_), nullptr);
    path_ = std::string(directory_) + "/s";
    listening_ = std::move(*listen_unix(path_, 0666));
    ASSERT_EQ(::pipe(pipe_), 0);
    child_ = ::fork();
    if (child_ == 0) {
      sockaddr_un address{};
      address.sun_family = AF_UNIX;
      std::copy(path_.begin(), path_.end(), address.sun_path);
      const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
      if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) ::_exit(1);
      char byte = 0;
      if (::read(pipe_[0], &byte, 1) < 0) ::_exit(2);
      ::_exit(0);
    }
    Acceptor acceptor(loop_, std::move(listening_));
    accepted_ = test::run(loop_, acceptor.accept());
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
  const auto attested = attest(accepted_.get(), {GetParam()});
  ASSERT_TRUE(attested) << attested.error().text;
  EXPECT_EQ(attested->peer.pid, child_);
  EXPECT_EQ(attested->peer.uid, ::getuid());
  EXPECT_EQ(attested->peer.gid, ::getgid());
  EXPECT_FALSE(attested->peer.scope.empty());
  EXPECT_TRUE(attested->peer.initial_user_namespace);
  EXPECT_TRUE(alive(attested->pidfd.get()));
  const auto evidence = attested->peer.evidence();
  EXPECT_EQ(evidence.at("uid"), std::to_string(::getuid()));
  end_child();
  EXPECT_FALSE(alive(attested->pidfd.get()));
}

// W1: who connected is gone; its pid may be anybody's.
TEST_P(AttestTest, W1_refuses_a_peer_that_was_reaped) {
  end_child();
  EXPECT_FALSE(attest(accepted_.get(), {GetParam()}));
}

INSTANTIATE_TEST_SUITE_P(Kernels, AttestTest, testing::Bool(), [](const auto& kernel) {
  return kernel.param ? "peerpidfd" : "before_6_5";
});

TEST(Attest, by_pid_agrees_with_our_own_ids) {
  const auto attested = attest_pid(::getpid());
  ASSERT_TRUE(attested) << attested.error().text;
  EXPECT_EQ(attested->peer.uid, ::geteuid());
  EXPECT_FALSE(attest_pid(0x3fffff));
}

}  // namespace
}  // namespace reeve
