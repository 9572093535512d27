// A vault whose store fails, whose callers leave, or which is closed in the midst of it.
#include <gtest/gtest.h>

#include "vault/vault.h"
#include "vault_fixture.h"

namespace reeve {
namespace {

class VaultFailure : public test::VaultFixture {
 protected:
  // Two records that are only ever changed together.
  std::vector<Change> pair(const std::string& plain) {
    std::vector<Change> both = changes("left", plain);
    both.push_back(change("right", plain));
    return both;
  }
};

TEST_F(VaultFailure, a_failed_write_is_an_error_and_the_vault_stays_as_it_was) {
  ASSERT_TRUE(commit(pair("old")));
  const uint64_t before = generation("left");
  state_->calls_left = 1;  // the head is read, the write fails
  state_->fails_once = true;
  const Result<void> failed = commit(pair("new"));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, Code::io);
  EXPECT_EQ(get("left"), "old");
  EXPECT_EQ(generation("right"), before);
  // And it goes on when the disk does.
  EXPECT_TRUE(commit(pair("newer")));
  EXPECT_EQ(generation("left"), before + 2);  // the failed one's number is not used again
  open();
  EXPECT_EQ(get("left"), "newer");
  EXPECT_EQ(get("right"), "newer");
}

TEST_F(VaultFailure, nothing_half_done_is_served_whichever_call_of_the_store_fails) {
  ASSERT_TRUE(commit(pair("0")));
  const auto start = state_->copy();
  for (const bool after_writing : {false, true}) {
    for (const bool once : {false, true}) {
      for (size_t calls = 0; calls < 14; ++calls) {
        state_->calls_left.reset();
        state_->restore(start);
        open();
        state_->calls_left = calls;
        state_->fails_once = once;
        state_->fails_after_writing = after_writing;
        std::string last = "0";
        for (int i = 1; i <= 6; ++i) {
          if (commit(pair(std::to_string(i)))) last = std::to_string(i);
          ASSERT_EQ(get("left"), last);
          ASSERT_EQ(get("right"), last);
        }
        state_->calls_left.reset();
        open();
        ASSERT_EQ(get("left"), get("right"));
        // After a restart a write called failed may be there; one called done must be.
        ASSERT_GE(get("left"), last);
        if (!after_writing) {
          ASSERT_EQ(get("left"), last);
        }
      }
    }
  }
}

TEST_F(VaultFailure, a_vault_in_the_making_is_made_whole_or_not_at_all) {
  for (size_t calls = 0; calls < 8; ++calls) {
    state_->restore({});
    state_->calls_left = calls;
    const bool made = static_cast<bool>(try_open(OpenMode::create_if_empty));
    state_->calls_left.reset();
    const auto again = try_open(OpenMode::must_exist);
    // Never corrupt: there is one, or there is none and one can be made.
    if (again) continue;
    EXPECT_FALSE(made);
    EXPECT_EQ(again.error().code, Code::not_found) << calls;
    EXPECT_TRUE(try_open(OpenMode::create_if_empty));
  }
}

TEST_F(VaultFailure, every_caller_of_a_failed_transaction_hears_of_it) {
  std::vector<std::optional<Result<void>>> results(5);
  TaskSet tasks(loop_);
  state_->calls_left = 3;  // the first's two calls, and the second's look at the head
  begin(tasks, changes("first", "x"), results[0]);
  for (size_t i = 1; i < results.size(); ++i) {
    begin(tasks, changes("record " + std::to_string(i), "x"), results[i]);
  }
  turn_until([&] { return tasks.size() == 0; });
  EXPECT_TRUE(*results[0]);
  for (size_t i = 1; i < results.size(); ++i) {
    EXPECT_FALSE(*results[i]);
    EXPECT_EQ(get("record " + std::to_string(i)), "absent");
  }
}

TEST_F(VaultFailure, writes_no_more_over_a_store_that_kept_a_failed_write) {
  ASSERT_TRUE(commit(pair("old")));
  state_->calls_left = 1;
  state_->fails_once = true;
  state_->fails_after_writing = true;
  EXPECT_FALSE(commit(pair("kept")));
  const Result<void> refused = commit(pair("new"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::corrupt);
  EXPECT_EQ(get("left"), "old");
  open();
  EXPECT_EQ(get("left"), "kept");
  EXPECT_TRUE(commit(pair("new")));
}

TEST_F(VaultFailure, writes_no_more_over_a_store_that_somebody_else_wrote) {
  auto other = try_open();
  ASSERT_TRUE(other);
  ASSERT_TRUE(test::run(loop_, (*other)->commit(changes("alice", "theirs"))));
  EXPECT_FALSE(commit(changes("bob", "ours")));
  open();
  EXPECT_EQ(get("alice"), "theirs");
}

TEST_F(VaultFailure, a_commit_whose_caller_leaves_at_any_moment_happens_or_not_but_whole) {
  for (int turns = 0; turns < 12; ++turns) {
    const std::string name = "turn " + std::to_string(turns);
    {
      std::optional<Result<void>> result;
      TaskSet leaving(loop_);
      std::vector<Change> both = changes(name + " left", "x");
      both.push_back(change(name + " right", "x"));
      leaving.spawn(keep(vault_->commit(std::move(both)), result));
      if (turns > 0) loop_.drain();
      for (int i = 1; i < turns; ++i) loop_.turn();
    }
    put(name + " after", "y");  // the queue goes on
    EXPECT_EQ(get(name + " left"), get(name + " right"));
    // Begun: it happens, though nobody waits any more.
    EXPECT_EQ(get(name + " left"), turns == 0 ? "absent" : "x");
  }
  open();
  EXPECT_EQ(get("turn 5 left"), "x");
}

TEST_F(VaultFailure, a_commit_never_begun_does_not_happen) {
  { const Task<Result<void>> dropped = vault_->commit(changes("alice", "x")); }
  put("bob", "y");
  EXPECT_EQ(get("alice"), "absent");
}

TEST_F(VaultFailure, a_waiter_in_the_queue_may_leave_before_its_turn) {
  std::vector<std::optional<Result<void>>> results(3);
  TaskSet tasks(loop_);
  begin(tasks, changes("first", "x"), results[0]);
  {
    TaskSet leaving(loop_);
    begin(leaving, changes("second", "x"), results[1]);
  }
  begin(tasks, changes("third", "x"), results[2]);
  turn_until([&] { return tasks.size() == 0; });
  EXPECT_FALSE(results[1]);
  EXPECT_EQ(get("second"), "x");
  EXPECT_EQ(get("third"), "x");
}

TEST_F(VaultFailure, closing_in_the_midst_of_a_write_tells_the_callers_and_leaves_a_whole_store) {
  for (int turns = 0; turns < 6; ++turns) {
    std::vector<std::optional<Result<void>>> results(3);
    TaskSet tasks(loop_);
    for (auto& result : results) begin(tasks, pair(std::to_string(turns)), result);
    for (int i = 0; i < turns; ++i) loop_.turn();
    vault_.reset();
    turn_until([&] { return tasks.size() == 0; });
    for (const auto& result : results) {
      ASSERT_TRUE(result);
      if (!*result) {
        EXPECT_EQ(result->error().code, Code::unavailable);
      }
    }
    // The write on its way may still be at work on the store.
    while (state_.use_count() > 1) loop_.turn();
    open();
    EXPECT_EQ(get("left"), get("right"));
    if (*results[0]) {
      EXPECT_EQ(get("left"), std::to_string(turns));
    }
  }
}

}  // namespace
}  // namespace reeve
