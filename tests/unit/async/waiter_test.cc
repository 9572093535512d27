#include "async/waiter.h"

#include <gtest/gtest.h>

#include "support/run.h"

namespace reeve {
namespace {

Task<void> wait_for(Waiter<int>& waiter, std::optional<int>& value, bool& done) {
  value = co_await waiter;
  done = true;
}

struct Waiting {
  Loop loop;
  std::optional<int> value;
  bool done = false;
};

TEST(Waiter, gets_the_value_but_never_inline) {
  Waiting w;
  Waiter<int> waiter(w.loop);
  Resolver<int> resolver = waiter.resolver();
  TaskSet tasks(w.loop);
  tasks.spawn(wait_for(waiter, w.value, w.done));
  w.loop.turn();
  EXPECT_FALSE(w.done);
  resolver.resolve(3);
  EXPECT_FALSE(w.done);
  w.loop.turn();
  EXPECT_EQ(w.value, 3);
  EXPECT_FALSE(resolver.wanted());
}

TEST(Waiter, learns_that_its_resolver_died) {
  Waiting w;
  Waiter<int> waiter(w.loop);
  auto resolver = std::make_optional(waiter.resolver());
  TaskSet tasks(w.loop);
  tasks.spawn(wait_for(waiter, w.value, w.done));
  w.loop.turn();
  resolver.reset();
  w.loop.turn();
  EXPECT_TRUE(w.done);
  EXPECT_FALSE(w.value);
}

TEST(Waiter, may_be_resolved_before_it_waits_and_may_die_first) {
  Waiting w;
  Resolver<int> kept;
  {
    Waiter<int> waiter(w.loop);
    Resolver<int> first = waiter.resolver();
    kept = std::move(first);
    EXPECT_TRUE(kept.wanted());
  }
  EXPECT_FALSE(kept.wanted());
  kept.resolve(1);

  Waiter<int> early(w.loop);
  early.resolver().resolve(5);
  TaskSet tasks(w.loop);
  tasks.spawn(wait_for(early, w.value, w.done));
  w.loop.turn();
  EXPECT_EQ(w.value, 5);
}

}  // namespace
}  // namespace reeve
