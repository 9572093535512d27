#include "vault/vault.h"

#include <gtest/gtest.h>

#include <map>

#include "vault_fixture.h"

namespace reeve {
namespace {

class VaultTest : public test::VaultFixture {};

TEST_F(VaultTest, keeps_a_record_over_a_restart) {
  put("alice", "refresh token");
  EXPECT_EQ(get("alice"), "refresh token");
  const uint64_t before = generation("alice");
  open();
  EXPECT_EQ(get("alice"), "refresh token");
  EXPECT_EQ(generation("alice"), before);
}

TEST_F(VaultTest, has_the_same_ids_after_a_restart) {
  const RecordId id = vault_->id(Kind::session, {"handle"});
  open();
  EXPECT_EQ(vault_->id(Kind::session, {"handle"}), id);
}

TEST_F(VaultTest, has_no_record_that_was_not_put) {
  EXPECT_EQ(get("nobody"), "absent");
  put("alice", "token");
  EXPECT_EQ(get("nobody"), "absent");
}

TEST_F(VaultTest, erases_a_record_for_good) {
  put("alice", "token");
  ASSERT_TRUE(commit(changes("alice", std::nullopt)));
  EXPECT_EQ(get("alice"), "absent");
  open();
  EXPECT_EQ(get("alice"), "absent");
}

TEST_F(VaultTest, keeps_empty_and_large_records) {
  put("empty", "");
  put("large", std::string(1000000, 'x'));
  open();
  EXPECT_EQ(get("empty"), "");
  EXPECT_EQ(get("large"), std::string(1000000, 'x'));
}

TEST_F(VaultTest, visits_every_record_of_a_kind_and_no_other) {
  put("alice", "a");
  put("bob", "b");
  std::vector<Change> session;
  session.push_back({Kind::setting, vault_->id(Kind::setting, {"s"}), Secret::copy_of("s"), {}});
  ASSERT_TRUE(commit(std::move(session)));
  std::map<RecordId, std::string> seen;
  ASSERT_TRUE(vault_->for_each(Kind::session, [&](const RecordId& id, Record record) {
    EXPECT_GT(record.generation, 0u);
    seen[id] = record.plain.reveal();
    return Result<void>();
  }));
  EXPECT_EQ(seen.size(), 2u);
  EXPECT_EQ(seen[vault_->id(Kind::session, {"bob"})], "b");

  const Result<void> ended = vault_->for_each(Kind::session, [](const RecordId&, Record) {
    return Result<void>(Error{Code::limit, "enough"});
  });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().text, "enough");
  EXPECT_TRUE(vault_->for_each(Kind::browser, [](const RecordId&, Record) {
    return Result<void>(Error{Code::internal, "there is none"});
  }));
}

TEST_F(VaultTest, a_generation_is_never_given_twice) {
  put("alice", "one");
  const uint64_t first = generation("alice");
  ASSERT_TRUE(commit(changes("alice", std::nullopt)));
  put("alice", "two");
  EXPECT_GT(generation("alice"), first);
  open();
  put("bob", "three");
  EXPECT_GT(generation("bob"), generation("alice"));
}

TEST_F(VaultTest, changes_a_record_only_from_the_generation_that_was_expected) {
  ASSERT_TRUE(commit(changes("alice", "one", 0)));
  const Result<void> exists = commit(changes("alice", "other", 0));
  ASSERT_FALSE(exists);
  EXPECT_EQ(exists.error().code, Code::conflict);
  const uint64_t first = generation("alice");
  ASSERT_TRUE(commit(changes("alice", "two", first)));
  EXPECT_FALSE(commit(changes("alice", "late", first)));
  EXPECT_FALSE(commit(changes("alice", std::nullopt, first)));
  EXPECT_FALSE(commit(changes("nobody", "token", first)));
  EXPECT_EQ(get("alice"), "two");
}

TEST_F(VaultTest, does_all_of_a_commit_or_nothing) {
  put("alice", "one");
  std::vector<Change> both = changes("bob", "new");
  both.push_back(change("alice", "two", 999));
  EXPECT_FALSE(commit(std::move(both)));
  EXPECT_EQ(get("bob"), "absent");
  EXPECT_EQ(get("alice"), "one");
}

TEST_F(VaultTest, writes_what_gathers_during_a_write_in_one_transaction) {
  const size_t before = state_->applied;
  std::vector<std::optional<Result<void>>> results(10);
  TaskSet tasks(loop_);
  for (size_t i = 0; i < results.size(); ++i) {
    begin(tasks, changes("record " + std::to_string(i), "x"), results[i]);
  }
  turn_until([&] { return tasks.size() == 0; });
  for (const auto& result : results) EXPECT_TRUE(*result);
  EXPECT_EQ(state_->applied, before + 2);  // the first, and the nine that came while it was written
  open();
  EXPECT_EQ(get("record 9"), "x");
}

TEST_F(VaultTest, one_conflict_fails_no_neighbour) {
  std::vector<std::optional<Result<void>>> results(4);
  TaskSet tasks(loop_);
  begin(tasks, changes("first", "x"), results[0]);
  begin(tasks, changes("alice", "one", 0), results[1]);
  begin(tasks, changes("alice", "two", 0), results[2]);
  begin(tasks, changes("bob", "three", 0), results[3]);
  turn_until([&] { return tasks.size() == 0; });
  EXPECT_TRUE(*results[1]);
  ASSERT_FALSE(*results[2]);
  EXPECT_EQ(results[2]->error().code, Code::conflict);
  EXPECT_TRUE(*results[3]);
  EXPECT_EQ(get("alice"), "one");
}

TEST_F(VaultTest, of_many_that_increment_at_once_exactly_one_wins_each_round) {
  put("counter", "0");
  for (int round = 0; round < 5; ++round) {
    const uint64_t seen = generation("counter");
    std::vector<std::optional<Result<void>>> results(8);
    TaskSet tasks(loop_);
    for (auto& result : results) {
      begin(tasks, changes("counter", std::to_string(round + 1), seen), result);
    }
    turn_until([&] { return tasks.size() == 0; });
    int won = 0;
    for (const auto& result : results) won += *result ? 1 : 0;
    EXPECT_EQ(won, 1);
  }
  open();
  EXPECT_EQ(get("counter"), "5");
}

TEST_F(VaultTest, shows_a_record_only_when_it_is_durable) {
  put("alice", "old");
  std::optional<Result<void>> result;
  TaskSet tasks(loop_);
  begin(tasks, changes("alice", "new"), result);
  EXPECT_EQ(get("alice"), "old");
  turn_until([&] { return result.has_value(); });
  EXPECT_EQ(get("alice"), "new");
}

TEST_F(VaultTest, an_empty_commit_succeeds_and_writes_nothing) {
  const size_t before = state_->applied;
  EXPECT_TRUE(commit({}));
  EXPECT_EQ(state_->applied, before);
}

TEST_F(VaultTest, opens_with_a_recovery_key_that_was_added) {
  put("alice", "token");
  const Key recovery = Key::random();
  ASSERT_TRUE(test::run(loop_, vault_->add_slot(SlotKind::recovery, recovery)));
  const Result<void> twice = test::run(loop_, vault_->add_slot(SlotKind::recovery, recovery));
  ASSERT_FALSE(twice);
  EXPECT_EQ(twice.error().code, Code::conflict);
  put("bob", "token too");
  open();
  auto elsewhere =
      Vault::open(loop_, std::make_unique<test::FakeStore>(state_), recovery, OpenMode::must_exist);
  ASSERT_TRUE(elsewhere) << elsewhere.error().text;
  vault_ = *std::move(elsewhere);
  EXPECT_EQ(get("bob"), "token too");
}

TEST_F(VaultTest, an_older_header_put_back_is_noticed) {
  const std::string old = state_->row(header_key);
  const Key recovery = Key::random();
  ASSERT_TRUE(test::run(loop_, vault_->add_slot(SlotKind::recovery, recovery)));
  state_->put(header_key, old);
  const auto refused = try_open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::corrupt);
}

TEST_F(VaultTest, makes_no_vault_where_there_must_be_one_nor_over_what_is_left_of_one) {
  state_->restore({});
  const auto absent = try_open(OpenMode::must_exist);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().code, Code::not_found);
  EXPECT_TRUE(state_->copy().empty());

  state_->put({Kind::session, vault_->id(Kind::session, {"alice"})}, "left over");
  const auto left = try_open(OpenMode::create_if_empty);
  ASSERT_FALSE(left);
  EXPECT_EQ(left.error().code, Code::corrupt);
  EXPECT_EQ(state_->copy().size(), 1u);
}

TEST_F(VaultTest, another_master_key_is_refused_and_changes_nothing) {
  put("alice", "token");
  const size_t before = state_->applied;
  const auto refused = Vault::open(loop_, std::make_unique<test::FakeStore>(state_), Key::random(),
                                   OpenMode::create_if_empty);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::denied);
  EXPECT_EQ(state_->applied, before);
  open();
  EXPECT_EQ(get("alice"), "token");
}

}  // namespace
}  // namespace reeve
