#include "audit/feed.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "support/run.h"

namespace reeve {
namespace {

class FeedTest : public testing::Test {
 protected:
  void tell(uint64_t sequence) {
    Event event;
    event.name = "flow.refused";
    event.workload = "bot";
    event.consent = "c-1";
    event.browser = "b-1";
    event.visitor_issuer = "https://issuer.example";
    event.visitor_subject = "mallory";
    event.outcome = "refused";
    event.reason = "wrong_user";
    feed_.tell(event, 1700000000, sequence);
  }

  Loop loop_;
  Feed feed_;
};

TEST_F(FeedTest, tells_what_the_audit_writes_in_the_audits_own_words) {
  Feed::Watcher watcher(feed_);
  tell(7);
  const Feed::Told told = test::run(loop_, watcher.next(loop_));
  EXPECT_EQ(told.dropped, 0u);
  const auto json = parse_json(told.record);
  ASSERT_TRUE(json) << told.record;
  EXPECT_EQ(json->text("event"), "flow.refused");
  EXPECT_EQ(json->text("reason"), "wrong_user");
  EXPECT_EQ(json->text("workload"), "bot");
  EXPECT_EQ(json->text("consent"), "c-1");
  EXPECT_EQ(json->text("browser"), "b-1");
  EXPECT_EQ(json->find("visitor")->text("subject"), "mallory");
  EXPECT_EQ(json->integer("sequence"), 7);
}

TEST_F(FeedTest, keeps_nothing_for_who_comes_later) {
  tell(1);
  Feed::Watcher watcher(feed_);
  tell(2);
  EXPECT_EQ(parse_json(test::run(loop_, watcher.next(loop_)).record)->integer("sequence"), 2);
}

TEST_F(FeedTest, tells_every_watcher_and_wakes_one_that_waits) {
  Feed::Watcher one(feed_), other(feed_);
  EXPECT_EQ(feed_.watchers(), 2u);
  std::optional<Feed::Told> told;
  TaskSet tasks(loop_);
  tasks.spawn(test::keep<Feed::Told>(loop_, one.next(loop_), told));
  loop_.turn();
  EXPECT_FALSE(told);
  tell(3);
  while (!told) loop_.run();
  EXPECT_EQ(test::run(loop_, other.next(loop_)).record, told->record);
}

TEST_F(FeedTest, drops_what_a_watcher_does_not_read_and_says_how_much) {
  Feed::Watcher watcher(feed_);
  for (uint64_t sequence = 1; sequence <= 300; ++sequence) tell(sequence);
  for (int i = 1; i <= 256; ++i) {
    const Feed::Told told = test::run(loop_, watcher.next(loop_));
    EXPECT_EQ(parse_json(told.record)->integer("sequence"), i);
    EXPECT_EQ(told.dropped, 0u);
  }
  tell(301);
  const Feed::Told next = test::run(loop_, watcher.next(loop_));
  EXPECT_EQ(parse_json(next.record)->integer("sequence"), 301);
  EXPECT_EQ(next.dropped, 44u);
}

TEST_F(FeedTest, forgets_a_watcher_that_left) {
  { const Feed::Watcher watcher(feed_); }
  EXPECT_EQ(feed_.watchers(), 0u);
  tell(1);
}

}  // namespace
}  // namespace reeve
