#include "vault/contents.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/fake_store.h"
#include "vault/transaction.h"

namespace reeve {
namespace {

using test::FakeStore;
using test::StoreState;

RowKey key_of(Kind kind, char fill) { return {kind, *RecordId::from(std::string(32, fill))}; }

class ContentsTest : public testing::Test {
 protected:
  ContentsTest() {
    EXPECT_TRUE(create(store_, master_));
    write(key_of(Kind::grant, 'a'), "alice");
    write(key_of(Kind::grant, 'b'), "bob");
    write(key_of(Kind::session, 'a'), "session");
  }
  void write(const RowKey& key, const std::string& plain) {
    auto contents = load(store_, master_);
    ASSERT_TRUE(contents) << contents.error().text;
    Transaction transaction(*contents);
    Commit commit;
    commit.changes.push_back({key.kind, key.id, Secret::copy_of(plain), std::nullopt});
    transaction.add(std::move(commit), contents->head.counter + 1);
    ASSERT_TRUE(store_.apply(transaction.seal_rows()));
  }
  // Refused, and nothing changed by looking.
  void expect_refused(std::string_view words, const std::string& what = "",
                      Code code = Code::corrupt) {
    const auto before = state_->copy();
    const Result<Contents> refused = load(store_, master_);
    ASSERT_FALSE(refused) << what;
    EXPECT_EQ(refused.error().code, code) << what << refused.error().text;
    EXPECT_NE(refused.error().text.find(words), std::string::npos) << what << refused.error().text;
    const auto after = state_->copy();
    ASSERT_EQ(before.size(), after.size());
    for (size_t i = 0; i < before.size(); ++i) EXPECT_EQ(before[i].row, after[i].row);
  }
  void expect_whole() {
    const Result<Contents> loaded = load(store_, master_);
    EXPECT_TRUE(loaded) << loaded.error().text;
  }

  const Key master_ = Key::random();
  std::shared_ptr<StoreState> state_ = std::make_shared<StoreState>();
  FakeStore store_{state_};
};

TEST_F(ContentsTest, loads_what_was_written) {
  const Result<Contents> contents = load(store_, master_);
  ASSERT_TRUE(contents) << contents.error().text;
  EXPECT_EQ(contents->rows.size(), 5u);  // header, epoch key, two grants, a session
  EXPECT_EQ(contents->head.counter, 4u);
  const Row& row = contents->rows.at(key_of(Kind::grant, 'b'));
  EXPECT_EQ(row.header.generation, 3u);
  EXPECT_EQ(contents->sealer.open_row(key_of(Kind::grant, 'b'), row.sealed)->reveal(), "bob");
}

TEST_F(ContentsTest, an_empty_store_is_no_vault_but_not_corrupt) {
  state_->restore({});
  expect_refused("holds no vault", "", Code::not_found);
}

TEST_F(ContentsTest, a_wrong_master_key_is_named_and_harms_nothing) {
  const Result<Contents> refused = load(store_, Key::random());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::denied);
  expect_whole();
}

TEST_F(ContentsTest, refuses_every_row_with_any_octet_changed) {
  for (const StoreChange& one : state_->copy()) {
    for (size_t i = 0; i < one.row->size(); ++i) {
      for (const int bit : {1, 128}) {
        std::string changed = *one.row;
        changed[i] = static_cast<char>(changed[i] ^ bit);
        state_->put(one.key, changed);
        const Result<Contents> refused = load(store_, master_);
        ASSERT_FALSE(refused) << row_name(one.key) << " at " << i;
        // The header's version and fingerprint are read before anything can be proven.
        if (one.key.kind != Kind::header) {
          EXPECT_EQ(refused.error().code, Code::corrupt);
        }
      }
    }
    state_->put(one.key, one.row);
  }
  expect_whole();
}

TEST_F(ContentsTest, refuses_every_row_that_was_cut) {
  for (const StoreChange& one : state_->copy()) {
    for (size_t size = 0; size < one.row->size(); ++size) {
      state_->put(one.key, one.row->substr(0, size));
      expect_refused("", row_name(one.key) + " cut to " + std::to_string(size) + ": ");
    }
    state_->put(one.key, one.row);
  }
}

TEST_F(ContentsTest, refuses_any_row_that_is_gone) {
  for (const StoreChange& one : state_->copy()) {
    state_->put(one.key, std::nullopt);
    expect_refused("", row_name(one.key) + ": ");
    state_->put(one.key, one.row);
  }
  state_->put(key_of(Kind::grant, 'a'), std::nullopt);
  expect_refused("removed or added");
}

TEST_F(ContentsTest, refuses_two_rows_exchanged_or_one_moved) {
  const auto rows = state_->copy();
  for (const StoreChange& one : rows) {
    for (const StoreChange& other : rows) {
      if (one.key == other.key) continue;
      state_->put(one.key, other.row);
      expect_refused("", row_name(other.key) + " at " + row_name(one.key) + ": ");
      state_->put(other.key, one.row);
      expect_refused("", row_name(one.key) + " exchanged with " + row_name(other.key) + ": ");
      state_->restore(rows);
    }
  }
  for (const RowKey& to : {key_of(Kind::grant, 'z'), key_of(Kind::consent, 'a')}) {
    state_->put(to, state_->row(key_of(Kind::grant, 'a')));
    state_->put(key_of(Kind::grant, 'a'), std::nullopt);
    expect_refused(row_name(to) + ": changed, or not from here");
    state_->restore(rows);
  }
}

TEST_F(ContentsTest, refuses_an_older_row_put_back) {
  const RowKey key = key_of(Kind::grant, 'a');
  const std::string old = state_->row(key);
  write(key, "alice revoked");
  const auto present = state_->copy();
  state_->put(key, old);
  expect_refused("older copy");
  // The rest of the vault put back around a newer row is found the same way.
  state_->restore(present);
  expect_whole();
}

TEST_F(ContentsTest, refuses_an_older_head_or_header_put_back) {
  const auto old = state_->copy();
  write(key_of(Kind::grant, 'a'), "alice revoked");
  state_->put(head_key, std::find_if(old.begin(), old.end(), [](const StoreChange& one) {
                          return one.key == head_key;
                        })->row);
  expect_refused("older copy");
}

TEST_F(ContentsTest, refuses_an_erased_and_remade_records_first_life) {
  const RowKey key = key_of(Kind::grant, 'a');
  const std::string first = state_->row(key);
  auto contents = load(store_, master_);
  ASSERT_TRUE(contents);
  Transaction transaction(*contents);
  Commit commit;
  commit.changes.push_back({key.kind, key.id, std::nullopt, std::nullopt});
  transaction.add(std::move(commit), 100);
  ASSERT_TRUE(store_.apply(transaction.seal_rows()));
  write(key, "second life");
  expect_whole();
  state_->put(key, first);
  expect_refused("older copy");
}

// The stated limit (docs/vault.md).
TEST_F(ContentsTest, an_older_copy_of_everything_is_not_noticed) {
  const auto old = state_->copy();
  write(key_of(Kind::grant, 'a'), "alice revoked");
  state_->restore(old);
  expect_whole();
}

TEST_F(ContentsTest, refuses_a_store_that_lost_its_header_and_never_makes_a_new_vault_over_it) {
  state_->put(header_key, std::nullopt);
  expect_refused("header is gone");
}

TEST_F(ContentsTest, refuses_rows_of_foreign_kinds_and_second_headers) {
  const auto rows = state_->copy();
  for (const RowKey& key : {key_of(static_cast<Kind>(0), 'a'), key_of(static_cast<Kind>(77), 'a'),
                            key_of(Kind::header, 'a'), key_of(Kind::head, 'a')}) {
    state_->put(key, state_->row(key_of(Kind::grant, 'a')));
    expect_refused("has no place here");
    state_->restore(rows);
  }
}

TEST_F(ContentsTest, refuses_a_record_that_was_sealed_as_the_vaults_own) {
  const Result<Contents> contents = load(store_, master_);
  ASSERT_TRUE(contents);
  const RowKey key = key_of(Kind::grant, 'a');
  state_->put(key, contents->sealer.seal_row(key, {root_epoch, 2}, "alice"));
  expect_refused("of no epoch");
}

TEST_F(ContentsTest, refuses_the_row_of_another_vault_under_the_same_master_key) {
  const auto other_state = std::make_shared<StoreState>();
  FakeStore other(other_state);
  ASSERT_TRUE(create(other, master_));
  const auto rows = state_->copy();
  for (const StoreChange& one : other_state->copy()) {
    state_->put(one.key, one.row);
    expect_refused("", row_name(one.key) + ": ");
    state_->restore(rows);
  }
}

TEST_F(ContentsTest, hands_on_the_stores_failure_at_every_call) {
  // The header, the head, the heads of all rows, and the rows of each other kind.
  constexpr size_t needed = 3 + 8;
  for (size_t calls = 0; calls < needed; ++calls) {
    state_->calls_left = calls;
    const Result<Contents> refused = load(store_, master_);
    ASSERT_FALSE(refused) << calls;
    EXPECT_EQ(refused.error().code, Code::io);
  }
  state_->calls_left = needed;
  expect_whole();
}

}  // namespace
}  // namespace reeve
