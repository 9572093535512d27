#include "base/clock.h"

#include <gtest/gtest.h>

#include <ctime>

#include "support/fake_clock.h"

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

TEST(Clock, the_steady_time_counts_on_where_the_clock_is_set_back) {
  test::FakeClock clock;
  const int64_t begun = clock.unix_seconds();
  EXPECT_EQ(clock.steady_seconds(), begun);
  EXPECT_EQ(clock.set_back_by(), 0);
  clock.pass_seconds(100);
  clock.set_unix(begun - 1000);
  EXPECT_EQ(clock.steady_seconds(), begun + 100);
  EXPECT_EQ(clock.set_back_by(), 1100);
  EXPECT_EQ(clock.as_set(begun + 160), begun - 940) << "a minute from now, on either";
  EXPECT_EQ(clock.as_set(std::optional<int64_t>()), std::nullopt);
  clock.pass_seconds(50);
  EXPECT_EQ(clock.steady_seconds(), begun + 150);
  clock.set_unix(begun + 5000);
  EXPECT_EQ(clock.steady_seconds(), begun + 5000) << "set right, or forward";
  EXPECT_EQ(clock.set_back_by(), 0);
}

TEST(Clock, the_steady_time_is_not_before_what_was_seen) {
  test::FakeClock clock;
  const int64_t now = clock.unix_seconds();
  clock.not_before(now - 10);
  EXPECT_EQ(clock.steady_seconds(), now);
  clock.not_before(now + 10);
  clock.pass_seconds(1);
  EXPECT_EQ(clock.steady_seconds(), now + 11);
}

}  // namespace
}  // namespace reeve
