#include "base/clock.h"

#include <gtest/gtest.h>

#include <ctime>

namespace reeve {
namespace {

TEST(SystemClock, tells_the_systems_times) {
  const SystemClock clock;
  EXPECT_NEAR(static_cast<double>(clock.unix_seconds()), static_cast<double>(::time(nullptr)), 2);
  timespec boot{};
  ASSERT_EQ(::clock_gettime(CLOCK_BOOTTIME, &boot), 0);
  EXPECT_NEAR(static_cast<double>(clock.boot_milliseconds()),
              static_cast<double>(boot.tv_sec) * 1000, 2000);
  const int64_t before = clock.boot_milliseconds();
  EXPECT_GE(clock.boot_milliseconds(), before);
}

}  // namespace
}  // namespace reeve
