// How often one address may begin a sign-in.
#include "bind/pace.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"

namespace reeve {
namespace {

TEST(Pace, an_address_may_so_often_and_then_has_to_wait_its_time) {
  test::FakeClock clock;
  Pace pace(clock, {.times = 3, .seconds = 30, .addresses = 10});
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

TEST(Pace, without_an_address_nothing_is_counted) {
  const test::FakeClock clock;
  Pace pace(clock, {.times = 1, .seconds = 30, .addresses = 10});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(pace.take(""), 0);
  EXPECT_EQ(pace.addresses(), 0u);
}

TEST(Pace, the_table_is_bounded_and_forgets_the_full_first) {
  test::FakeClock clock;
  Pace pace(clock, {.times = 2, .seconds = 20, .addresses = 3});
  pace.take("old");
  clock.pass_seconds(15);
  for (const char* address : {"a", "b", "c"}) EXPECT_EQ(pace.take(address), 0);
  EXPECT_EQ(pace.addresses(), 3u);
  EXPECT_EQ(pace.take("a"), 0);
  EXPECT_EQ(pace.take("d"), 0) << "one that has most left gives way";
  EXPECT_EQ(pace.addresses(), 3u);
  EXPECT_GT(pace.take("a"), 0) << "who has spent his stays known";
}

}  // namespace
}  // namespace reeve
