#include "session/usage.h"

#include "world.h"

namespace reeve {
namespace {

class UsageTest : public test::World {
 protected:
  void keep() { EXPECT_TRUE(run(vault().commit(usage->changes(clock.unix_seconds())))); }
  Vault& vault() { return *d->vault; }
  void begin_usage() { usage = std::make_unique<Usage>(vault(), d->grants); }

  std::unique_ptr<Usage> usage;
};

TEST_F(UsageTest, is_known_again_after_a_restart) {
  begin_usage();
  const std::string id = grant()->id;
  d->grants.by_id(id)->used_at = 1234;
  d->grants.by_id(id)->used_by = "night-bot";
  keep();
  restart();
  begin_usage();
  EXPECT_EQ(d->grants.by_id(id)->used_at, 0);
  usage->load();
  EXPECT_EQ(d->grants.by_id(id)->used_at, 1234);
  EXPECT_EQ(d->grants.by_id(id)->used_by, "night-bot");
}

TEST_F(UsageTest, is_written_once_a_minute_and_only_where_something_was_used) {
  begin_usage();
  const GrantRef made = grant();
  EXPECT_TRUE(usage->changes(1000).empty());
  made->used_at = 1000;
  EXPECT_TRUE(usage->changes(1059).empty()) << "not yet";
  EXPECT_EQ(usage->changes(1060).size(), 1u);
  EXPECT_TRUE(usage->changes(1120).empty()) << "nothing new";
  made->used_at = 1130;
  EXPECT_EQ(usage->changes(1180).size(), 1u);
  EXPECT_EQ(records(Kind::grant), 1u);
}

TEST_F(UsageTest, goes_with_its_grant) {
  begin_usage();
  const GrantRef made = grant();
  made->used_at = 5;
  keep();
  EXPECT_EQ(records(Kind::setting), 1u);
  EXPECT_TRUE(run(d->grants.erase(made)));
  clock.pass_seconds(60);
  keep();
  EXPECT_EQ(records(Kind::setting), 0u);
}

TEST_F(UsageTest, of_a_grant_that_was_replaced_is_not_its_successors) {
  begin_usage();
  const GrantRef old = grant();
  old->used_at = 5;
  keep();
  const std::string id = grant()->id;
  ASSERT_NE(id, old->id);
  restart();
  begin_usage();
  usage->load();
  EXPECT_EQ(d->grants.by_id(id)->used_at, 0);
  begin_usage();
  usage->load();
  d->grants.by_id(id)->used_at = 9;
  clock.pass_seconds(60);
  keep();
  EXPECT_EQ(records(Kind::setting), 1u) << "under the same name";
}

}  // namespace
}  // namespace reeve
