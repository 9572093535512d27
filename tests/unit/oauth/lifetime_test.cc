#include "oauth/lifetime.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(Lifetime, refreshes_in_the_last_five_minutes_or_the_last_fifth) {
  struct Row {
    int64_t issued, expires, now, at;
  };
  const Row rows[] = {
      {1000, 1000 + 3600, 1000, 1000 + 3300},  // an hour: five minutes
      {1000, 1000 + 1500, 1000, 1000 + 1200},  // 25 minutes: both
      {1000, 1000 + 600, 1000, 1000 + 480},    // ten minutes: a fifth
      {1000, 1000 + 10, 1000, 1000 + 8},       //
      {1000, 1000 + 4, 1000, 1000 + 4},        // a fifth of nothing
      {1000, 1000 + 3600, 4301, 4301},         // overdue
      {1000, 1000 + 3600, 9000, 9000},         // expired
      {1000, 1000, 1000, 1000},                // never lived
      {1000, 900, 1000, 1000},                 // died before it was born
      {1000, 1000 + 3600, 950, 1000 + 3300},   // a clock a little behind
      {100000, 100000 + 3600, 1000, 1000},     // a clock set back: who knows
      {0, kLongestLifetime, 0, kLongestLifetime - 300},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(refresh_time(row.issued, row.expires, row.now), row.at)
        << row.issued << " " << row.expires << " " << row.now;
  }
}

TEST(Lifetime, follows_the_preset_where_an_answer_is_silent) {
  Preset preset;
  EXPECT_EQ(expiry(1000, 3600, preset), 4600);
  EXPECT_EQ(expiry(1000, std::nullopt, preset), std::nullopt);
  EXPECT_EQ(expiry(1000, -5, preset), 1000);
  EXPECT_EQ(expiry(1000, INT64_MAX, preset), 1000 + kLongestLifetime);
  preset.expires_absent = ExpiresAbsent::assume;
  preset.assume_seconds = 7200;
  EXPECT_EQ(expiry(1000, std::nullopt, preset), 8200);
  EXPECT_EQ(expiry(1000, 60, preset), 1060);
  preset.expires_absent = ExpiresAbsent::never;
  EXPECT_EQ(expiry(1000, std::nullopt, preset), std::nullopt);
}

}  // namespace
}  // namespace reeve
