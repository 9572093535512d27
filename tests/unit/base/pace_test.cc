// How often one may begin a sign-in.
#include "base/pace.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace reeve {
namespace {

TEST(Pace, one_may_so_often_and_then_has_to_wait_ones_time) {
  test::FakeClock clock;
  Pace pace(clock, {.times = 3, .seconds = 30, .names = 10});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pace.take("192.0.2.1"), 0) << i;
  EXPECT_EQ(pace.take("192.0.2.1"), 10);
  EXPECT_EQ(pace.take("192.0.2.2"), 0) << "another is another";
  clock.pass_seconds(9);
  EXPECT_EQ(pace.take("192.0.2.1"), 1) << "asking costs nothing";
  clock.pass_seconds(1);
  EXPECT_EQ(pace.take("192.0.2.1"), 0);
  EXPECT_EQ(pace.take("192.0.2.1"), 10);
  clock.pass_seconds(3600);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(pace.take("192.0.2.1"), 0) << "never more than that";
  EXPECT_GT(pace.take("192.0.2.1"), 0);
}

TEST(Pace, without_a_name_nothing_is_counted) {
  const test::FakeClock clock;
  Pace pace(clock, {.times = 1, .seconds = 30, .names = 10});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(pace.take(""), 0);
  EXPECT_EQ(pace.names(), 0u);
}

TEST(Pace, the_table_is_bounded_and_forgets_the_full_first) {
  test::FakeClock clock;
  Pace pace(clock, {.times = 2, .seconds = 20, .names = 3});
  pace.take("old");
  clock.pass_seconds(15);
  for (const char* address : {"a", "b", "c"}) EXPECT_EQ(pace.take(address), 0);
  EXPECT_EQ(pace.names(), 3u);
  EXPECT_EQ(pace.take("a"), 0);
  EXPECT_EQ(pace.take("d"), 0) << "one that has most left gives way";
  EXPECT_EQ(pace.names(), 3u);
  EXPECT_GT(pace.take("a"), 0) << "who has spent his stays known";
}

}  // namespace
}  // namespace reeve
