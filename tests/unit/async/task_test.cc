#include "async/task.h"

#include <gtest/gtest.h>

#include <string>

#include "async/work.h"
#include "support/run.h"

namespace reeve {
namespace {

using test::run;

Task<int> seven() { co_return 7; }
Task<std::string> twice(std::string text) {
  const int first = co_await seven();
  co_return text + text + std::to_string(first);
}
Task<Result<int>> failing() { co_return Error{Code::denied, "no"}; }
Task<Result<std::string>> forwards() {
  CO_TRY(const int value, co_await failing());
  co_return std::to_string(value);
}
Task<int> deep(int depth) {
  if (depth == 0) co_return 0;
  const int below = co_await deep(depth - 1);
  co_return below + 1;
}

// Counts its life, to see that dropped frames run their destructors once.
struct Counted {
  explicit Counted(int& count) : count_(&count) { ++*count_; }
  Counted(const Counted& other) : count_(other.count_) { ++*count_; }
  ~Counted() { --*count_; }
  int* count_;
};
Task<void> sleeper(Loop& loop, Counted) {
  for (int i = 0; i < 3; ++i) co_await sleep(loop, 1);
}
Task<void> parent(Loop& loop, Counted counted) {
  co_await sleeper(loop, counted);
  const int value = co_await work(loop, [] { return 1; });
  co_await sleep(loop, value);
}

TEST(Task, carries_values_and_errors_up) {
  Loop loop;
  EXPECT_EQ(run(loop, twice("ab")), "abab7");
  const auto result = run(loop, forwards());
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().text, "no");
}

TEST(Task, does_not_use_the_stack_for_depth) {
  Loop loop;
  EXPECT_EQ(run(loop, deep(20000)), 20000);
}

TEST(Task, dropped_at_every_suspension_point_leaves_nothing) {
  // One more turn of the loop each time, until the task ends by itself.
  for (int turns = 0; turns < 200; ++turns) {
    Loop loop;
    int alive = 0;
    size_t left = 0;
    {
      TaskSet tasks(loop);
      tasks.spawn(parent(loop, Counted(alive)));
      EXPECT_GT(alive, 0);
      for (int i = 0; i < turns; ++i) loop.turn();
      left = tasks.size();
    }
    EXPECT_EQ(alive, 0);
    if (left == 0 && turns > 3) break;
  }
}

TEST(Task, never_started_is_dropped_too) {
  Loop loop;
  int alive = 0;
  { auto task = parent(loop, Counted(alive)); }
  EXPECT_EQ(alive, 0);
}

Task<void> counts(int& count) {
  ++count;
  co_return;
}
TEST(TaskSet, destroys_what_finished) {
  Loop loop;
  TaskSet tasks(loop);
  int count = 0;
  for (int i = 0; i < 100; ++i) tasks.spawn(counts(count));
  loop.turn();
  EXPECT_EQ(count, 100);
  EXPECT_EQ(tasks.size(), 0u);
}

}  // namespace
}  // namespace reeve
