#include "session/announcer.h"

#include "world.h"

namespace reeve {
namespace {

class AnnouncerTest : public test::World {
 protected:
  using Watcher = Announcer::Watcher;
};

TEST_F(AnnouncerTest, tells_each_watcher_what_is_its_own_and_in_order) {
  Watcher alice(d->announcer, "s1", owner_key("i", "alice", "h"));
  Watcher other(d->announcer, "s2", owner_key("i", "bob", "h"));
  d->announcer.to_owner(owner_key("i", "alice", "h"), {"token_refreshed", "p", "g"});
  d->announcer.to_session("s1", {"session_ended", "", ""});
  d->announcer.to_session("s2", {"session_ended", "", ""});
  EXPECT_EQ(run(alice.next(loop)).event, "token_refreshed");
  EXPECT_EQ(run(alice.next(loop)).event, "session_ended");
  EXPECT_EQ(run(other.next(loop)).event, "session_ended");
}

TEST_F(AnnouncerTest, wakes_one_that_waits) {
  Watcher watcher(d->announcer, "s1", "");
  std::optional<Announcement> told;
  begin(watcher.next(loop), told);
  settle();
  EXPECT_FALSE(told);
  d->announcer.to_session("s1", {"grant_revoked", "p", "g"});
  until([&] { return !!told; });
  EXPECT_EQ(told->grant, "g");
  tasks = std::make_unique<TaskSet>(loop);
}

TEST_F(AnnouncerTest, forgets_a_watcher_that_left) {
  {
    Watcher watcher(d->announcer, "s1", "o");
    EXPECT_EQ(d->announcer.watchers(), 1u);
  }
  EXPECT_EQ(d->announcer.watchers(), 0u);
  d->announcer.to_session("s1", {"session_ended", "", ""});
}

TEST_F(AnnouncerTest, drops_what_a_watcher_does_not_read_but_never_the_end) {
  Watcher watcher(d->announcer, "s1", "o");
  for (int i = 0; i < 1000; ++i) d->announcer.to_owner("o", {"token_refreshed", "p", "g"});
  d->announcer.to_session("s1", {"session_ended", "", ""});
  std::string last;
  for (int i = 0; i < 257; ++i) {
    std::optional<Announcement> told;
    begin(watcher.next(loop), told);
    for (int j = 0; j < 5; ++j) loop.turn();
    last = told ? told->event : "nothing";
  }
  EXPECT_EQ(last, "session_ended");
  tasks = std::make_unique<TaskSet>(loop);
}

TEST(OwnerKey, never_takes_one_owner_for_another) {
  EXPECT_NE(owner_key("a", "bc", "d"), owner_key("ab", "c", "d"));
  EXPECT_NE(owner_key("a", "b", "cd"), owner_key("a", "bc", "d"));
}

}  // namespace
}  // namespace reeve
