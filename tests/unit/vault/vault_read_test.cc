// Records that lie in the store alone: found by labels, proven where they are read.
#include "vault_fixture.h"

namespace reeve {
namespace {

class VaultRead : public test::VaultFixture {
 protected:
  RecordId id_of(const std::string& name) { return vault_->id(Kind::grant, {name}); }
  RowKey key_of(const std::string& name) { return {Kind::grant, id_of(name)}; }
  Change grant(const std::string& name, std::optional<std::string> plain, Labels labels) {
    Change one{Kind::grant, id_of(name), std::nullopt, std::nullopt, std::move(labels)};
    if (plain) one.plain = Secret(std::move(*plain));
    return one;
  }
  void put_grant(const std::string& name, const std::string& plain) {
    std::vector<Change> all;
    all.push_back(grant(name, plain, {vault_->label({name}), vault_->label({"everybody"})}));
    ASSERT_TRUE(commit(std::move(all)));
  }
  std::string read(const std::string& name) {
    std::vector<RecordId> ids = {id_of(name)};
    const auto records = test::run(loop_, vault_->read(Kind::grant, std::move(ids)));
    if (!records) return "error: " + records.error().text;
    return (*records)[0] ? std::string((*records)[0]->plain.reveal()) : "absent";
  }
  bool says(const std::string& text, const std::string& words) {
    return text.find(words) != std::string::npos;
  }
};

TEST_F(VaultRead, reads_what_was_written_over_restarts) {
  put_grant("alice", "a token");
  EXPECT_EQ(read("alice"), "a token");
  EXPECT_EQ(read("nobody"), "absent");
  open();
  EXPECT_EQ(read("alice"), "a token");
  put_grant("alice", "another");
  EXPECT_EQ(read("alice"), "another");
  EXPECT_EQ(vault_->count(Kind::grant), 1u);
  std::vector<Change> all;
  all.push_back(grant("alice", std::nullopt, {}));
  ASSERT_TRUE(commit(std::move(all)));
  EXPECT_EQ(read("alice"), "absent");
  EXPECT_EQ(vault_->generation(Kind::grant, id_of("alice")), std::nullopt);
}

TEST_F(VaultRead, reads_many_at_once_in_the_order_of_their_ids) {
  put_grant("alice", "a");
  put_grant("bob", "b");
  std::vector<RecordId> ids = {id_of("bob"), id_of("nobody"), id_of("alice")};
  const auto records = test::run(loop_, vault_->read(Kind::grant, std::move(ids)));
  ASSERT_TRUE(records);
  EXPECT_EQ((*records)[0]->plain.reveal(), "b");
  EXPECT_FALSE((*records)[1]);
  EXPECT_EQ((*records)[2]->plain.reveal(), "a");
  EXPECT_EQ((*records)[2]->generation, *vault_->generation(Kind::grant, id_of("alice")));
}

TEST_F(VaultRead, finds_by_labels_what_is_not_in_memory) {
  put_grant("alice", "a");
  put_grant("bob", "b");
  open();
  EXPECT_EQ(vault_->labelled(Kind::grant, vault_->label({"bob"})),
            std::vector<RecordId>{id_of("bob")});
  EXPECT_EQ(vault_->labelled(Kind::grant, vault_->label({"everybody"})).size(), 2u);
  EXPECT_TRUE(vault_->labelled(Kind::access_token, vault_->label({"bob"})).empty());
  const auto first = vault_->ids_after(Kind::grant, std::nullopt, 1);
  ASSERT_EQ(first.size(), 1u);
  const auto rest = vault_->ids_after(Kind::grant, first[0], 9);
  ASSERT_EQ(rest.size(), 1u);
  EXPECT_NE(rest[0], first[0]);
  EXPECT_TRUE(vault_->ids_after(Kind::grant, rest[0], 9).empty());
}

// V2: where the row's head is changed it is noticed at start, elsewhere where it is read.
TEST_F(VaultRead, serves_no_record_of_which_any_octet_was_changed) {
  put_grant("alice", "a token");
  put_grant("bob", "b");
  const RowKey key = key_of("alice");
  const std::string row = state_->row(key);
  size_t at_start = 0, at_use = 0;
  for (size_t at = 0; at < row.size(); ++at) {
    std::string changed = row;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    state_->put(key, changed);
    auto opened = try_open();
    if (!opened) {
      EXPECT_EQ(opened.error().code, Code::corrupt) << at;
      ++at_start;
      continue;
    }
    vault_ = *std::move(opened);
    EXPECT_TRUE(says(read("alice"), "error: grant")) << at << read("alice");
    EXPECT_EQ(read("bob"), "b");
    ++at_use;
  }
  EXPECT_EQ(at_start, 1u + 4 + 8 + 1 + 2 * 16) << "the head";
  EXPECT_EQ(at_use, row.size() - at_start);
}

TEST_F(VaultRead, serves_no_record_that_was_cut_moved_removed_or_put_back_while_it_runs) {
  put_grant("alice", "older");
  const std::string older = state_->row(key_of("alice"));
  put_grant("alice", "newer");
  put_grant("bob", "b");
  const std::string newer = state_->row(key_of("alice"));
  for (const std::optional<std::string>& row :
       {std::optional<std::string>(older), std::optional<std::string>(state_->row(key_of("bob"))),
        std::optional<std::string>(newer.substr(0, newer.size() - 1)),
        std::optional<std::string>(newer.substr(0, 20)), std::optional<std::string>("")}) {
    state_->put(key_of("alice"), row);
    EXPECT_TRUE(says(read("alice"), "error: grant")) << read("alice");
  }
  state_->put(key_of("alice"), std::nullopt);
  EXPECT_TRUE(says(read("alice"), "not in the store any more")) << read("alice");
  state_->put(key_of("alice"), newer);
  EXPECT_EQ(read("alice"), "newer");
}

TEST_F(VaultRead, refuses_at_start_rows_that_were_removed_exchanged_or_put_back) {
  put_grant("alice", "older");
  const std::string older = state_->row(key_of("alice"));
  put_grant("alice", "newer");
  put_grant("bob", "b");
  const std::string newer = state_->row(key_of("alice")), other = state_->row(key_of("bob"));
  state_->put(key_of("alice"), older);
  EXPECT_FALSE(try_open());
  state_->put(key_of("alice"), std::nullopt);
  EXPECT_FALSE(try_open());
  state_->put(key_of("alice"), other);
  state_->put(key_of("bob"), newer);
  EXPECT_FALSE(try_open());
  state_->put(key_of("alice"), newer);
  state_->put(key_of("bob"), other);
  EXPECT_TRUE(try_open());
}

TEST_F(VaultRead, hands_on_the_stores_failure_and_goes_on_afterwards) {
  put_grant("alice", "a");
  state_->calls_left = 0;
  EXPECT_EQ(read("alice"), "error: the disk is on fire");
  state_->calls_left.reset();
  EXPECT_EQ(read("alice"), "a");
}

TEST_F(VaultRead, a_rotation_of_keys_seals_them_anew_and_keeps_their_labels) {
  for (int i = 0; i < 300; ++i) put_grant(std::to_string(i), "plain " + std::to_string(i));
  ASSERT_TRUE(test::run(loop_, vault_->begin_epoch()));
  const auto finished = test::run(loop_, vault_->finish_rotation());
  ASSERT_TRUE(finished) << finished.error().text;
  EXPECT_EQ(*finished, 300u);
  EXPECT_FALSE(vault_->rotating());
  open();
  for (int i = 0; i < 300; ++i) {
    const std::string name = std::to_string(i);
    EXPECT_EQ(read(name), "plain " + name);
    EXPECT_EQ(vault_->labelled(Kind::grant, vault_->label({name})).size(), 1u);
  }
}

TEST_F(VaultRead, a_rotation_that_meets_a_damaged_record_says_so_and_keeps_the_older_key) {
  put_grant("alice", "a");
  put_grant("bob", "b");
  const std::string whole = state_->row(key_of("alice"));
  std::string changed = whole;
  changed.back() = static_cast<char>(changed.back() ^ 1);
  state_->put(key_of("alice"), changed);
  ASSERT_TRUE(test::run(loop_, vault_->begin_epoch()));
  const auto finished = test::run(loop_, vault_->finish_rotation());
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, Code::corrupt);
  EXPECT_TRUE(vault_->rotating());
  state_->put(key_of("alice"), whole);
  EXPECT_TRUE(test::run(loop_, vault_->finish_rotation()));
  EXPECT_FALSE(vault_->rotating());
  EXPECT_EQ(read("alice"), "a");
}

// What an older reeve wrote.
TEST_F(VaultRead, gives_labels_to_records_that_have_none_however_often_that_is_cut_short) {
  std::vector<Change> all;
  for (int i = 0; i < 3000; ++i) all.push_back(grant(std::to_string(i), "x", {}));
  ASSERT_TRUE(commit(std::move(all)));
  const auto labels_of = [this](const Secret& plain) {
    return Result<Labels>(Labels{vault_->label({plain.reveal()})});
  };
  open();
  state_->calls_left = 2500;
  EXPECT_FALSE(vault_->label_all(Kind::grant, labels_of));
  state_->calls_left.reset();
  open();
  const size_t before = vault_->labelled(Kind::grant, vault_->label({"x"})).size();
  EXPECT_GT(before, 0u);
  EXPECT_LT(before, 3000u);
  EXPECT_TRUE(vault_->label_all(Kind::grant, labels_of));
  const size_t applied = state_->applied;
  EXPECT_TRUE(vault_->label_all(Kind::grant, labels_of));
  EXPECT_EQ(state_->applied, applied) << "nothing is left to do";
  open();
  EXPECT_EQ(vault_->labelled(Kind::grant, vault_->label({"x"})).size(), 3000u);
  EXPECT_EQ(read("2999"), "x");
}

}  // namespace
}  // namespace reeve
