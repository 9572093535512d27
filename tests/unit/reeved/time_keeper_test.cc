#include "reeved/time_keeper.h"

#include "unit/session/world.h"

namespace reeve {
namespace {

// The clock and the keeper of one run of reeved over the world's vault.
class TimeKeeperTest : public test::World {
 protected:
  struct Run {
    Run(Vault& vault, int64_t unix, int64_t up_seconds, const std::string& boot)
        : keeper(clock, vault, boot) {
      clock.pass_seconds(up_seconds);
      clock.set_unix(unix);
    }
    test::FakeClock clock;
    TimeKeeper keeper;
  };
  void keep(Run& run) { EXPECT_TRUE(this->run(d->vault->commit(run.keeper.changes()))); }
  Vault& vault() { return *d->vault; }

  static constexpr int64_t noon = 1'900'000'000;
};

TEST_F(TimeKeeperTest, says_once_that_the_clock_was_set_back_and_what_to_do) {
  Run run(vault(), noon, 10, "boot-1");
  EXPECT_TRUE(run.keeper.load()) << "a vault that knows no time yet";
  EXPECT_EQ(run.keeper.look(), std::nullopt);
  run.clock.set_unix(noon - 60);
  EXPECT_EQ(run.keeper.look(), std::nullopt) << "within the slack";
  run.clock.set_unix(noon - 3600);
  const auto said = run.keeper.look();
  ASSERT_TRUE(said);
  EXPECT_NE(said->find("3600 seconds"), std::string::npos) << *said;
  EXPECT_NE(said->find("timedatectl"), std::string::npos);
  EXPECT_EQ(run.keeper.look(), std::nullopt) << "once";
  run.clock.set_unix(noon - 7200);
  EXPECT_TRUE(run.keeper.look()) << "once more";
  run.clock.set_unix(noon);
  EXPECT_EQ(run.keeper.look(), std::nullopt);
  run.clock.set_unix(noon - 3600);
  EXPECT_TRUE(run.keeper.look());
}

TEST_F(TimeKeeperTest, the_steady_time_goes_on_over_a_restart) {
  Run before(vault(), noon, 100, "boot-1");
  keep(before);
  Run after(vault(), noon - 5000, 130, "boot-1");
  EXPECT_TRUE(after.keeper.load());
  EXPECT_EQ(after.clock.steady_seconds(), noon + 30) << "exactly";
  EXPECT_TRUE(after.keeper.look());
  keep(after);
  Run again(vault(), noon - 4000, 1130, "boot-1");
  EXPECT_TRUE(again.keeper.load());
  EXPECT_EQ(again.clock.steady_seconds(), noon + 1030);
}

TEST_F(TimeKeeperTest, after_another_boot_at_least_its_time_has_passed) {
  Run before(vault(), noon, 100'000, "boot-1");
  keep(before);
  Run after(vault(), 0, 40, "boot-2");
  EXPECT_TRUE(after.keeper.load());
  const int64_t up = after.clock.boot_milliseconds() / 1000;
  EXPECT_EQ(after.clock.steady_seconds(), noon + up);
  EXPECT_TRUE(after.keeper.look());
  Run right(vault(), noon + 9000, 40, "boot-3");
  EXPECT_TRUE(right.keeper.load());
  EXPECT_EQ(right.clock.steady_seconds(), noon + 9000);
  EXPECT_EQ(right.keeper.look(), std::nullopt);
}

TEST_F(TimeKeeperTest, the_time_is_kept_every_five_minutes) {
  Run run(vault(), noon, 10, "boot-1");
  EXPECT_EQ(run.keeper.changes().size(), 1u);
  run.clock.pass_seconds(299);
  EXPECT_TRUE(run.keeper.changes().empty());
  run.clock.pass_seconds(1);
  EXPECT_EQ(run.keeper.changes().size(), 1u);
}

}  // namespace
}  // namespace reeve
