// What a service manager is told, as it hears it: on a datagram socket of its own.
#include "async/service_manager.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstdlib>
#include <ctime>

#include "support/run.h"
#include "support/temp_dir.h"

namespace reeve {
namespace {

class NotifierTest : public testing::Test {
 public:
  NotifierTest() : hearing_(::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)) {
    const std::string path = directory_ / "notify";
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(hearing_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~NotifierTest() override {
    for (const char* name : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(name);
  }

 protected:
  // What was said since, or "" for nothing.
  std::string heard() const {
    char text[512];
    const ssize_t size = ::recv(hearing_.get(), text, sizeof text, 0);
    return size < 0 ? "" : std::string(text, static_cast<size_t>(size));
  }
  static int64_t monotonic_microseconds() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
  }

  test::TempDir directory_;
  Fd hearing_;
  Loop loop_;
};

TEST_F(NotifierTest, tells_ready_and_the_end) {
  {
    Notifier notifier(loop_);
    EXPECT_EQ(heard(), "") << "not before it is";
    notifier.ready("serving");
    EXPECT_EQ(heard(), "READY=1\nSTATUS=serving");
  }
  EXPECT_EQ(heard(), "STOPPING=1");
}

// sd_notify(3): a service manager takes READY=1 for the end of a reload only where it knows when
// that began.
TEST_F(NotifierTest, tells_when_a_reload_began) {
  Notifier notifier(loop_);
  const int64_t before = monotonic_microseconds();
  notifier.reloading();
  const int64_t after = monotonic_microseconds();
  const std::string said = heard(), start = "RELOADING=1\nMONOTONIC_USEC=";
  ASSERT_EQ(said.substr(0, start.size()), start);
  const int64_t began = std::stoll(said.substr(start.size()));
  EXPECT_LE(before, began);
  EXPECT_LE(began, after);
  notifier.ready("serving");
  EXPECT_EQ(heard(), "READY=1\nSTATUS=serving");
}

TEST_F(NotifierTest, feeds_the_watchdog_from_the_loop_once_it_is_ready) {
  ::setenv("WATCHDOG_USEC", "3000", 1);  // so that it is fed each millisecond
  Notifier notifier(loop_);
  notifier.ready("serving");
  EXPECT_EQ(heard(), "READY=1\nSTATUS=serving");
  EXPECT_EQ(heard(), "WATCHDOG=1");
  std::string again;
  for (int i = 0; i < 100'000 && again.empty(); ++i) {
    loop_.turn();
    again = heard();
  }
  EXPECT_EQ(again, "WATCHDOG=1");
  EXPECT_EQ(std::getenv("WATCHDOG_USEC"), nullptr) << "its children are not to feed it";
}

}  // namespace
}  // namespace reeve
