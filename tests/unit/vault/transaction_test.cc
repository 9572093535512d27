#include "vault/transaction.h"

#include <gtest/gtest.h>

#include "vault/store_memory.h"

namespace reeve {
namespace {

class TransactionTest : public testing::Test {
 protected:
  TransactionTest() : contents_(make()) {}
  static Contents make() {
    MemoryStore store;
    const Key master = Key::random();
    EXPECT_TRUE(create(store, master));
    return *load(store, master);
  }
  static Change change(char fill, std::optional<std::string> plain,
                       std::optional<uint64_t> expected = std::nullopt) {
    Change one{Kind::grant, *RecordId::from(std::string(32, fill)), std::nullopt, expected};
    if (plain) one.plain = Secret(std::move(*plain));
    return one;
  }
  template <class... Changes>
  static Commit commit(Changes... changes) {
    Commit one;
    (one.changes.push_back(std::move(changes)), ...);
    return one;
  }
  std::string plain(char fill) {
    const RowKey key{Kind::grant, *RecordId::from(std::string(32, fill))};
    const auto found = contents_.rows.find(key);
    if (found == contents_.rows.end()) return "absent";
    return std::string(contents_.sealer.open_row(key, found->second.sealed)->reveal());
  }
  // The head's sum and count, made anew from the rows.
  void expect_head_agrees() {
    Head fresh = contents_.head;
    fresh.sum = {};
    fresh.rows = contents_.rows.size();
    for (const auto& [key, row] : contents_.rows) {
      fresh.toggle(contents_.sealer.set_item(key, row.header));
    }
    EXPECT_EQ(fresh, contents_.head);
  }
  void take(Transaction& transaction) {
    transaction.seal_rows();
    transaction.take_over(contents_);
    expect_head_agrees();
  }

  Contents contents_;
};

TEST_F(TransactionTest, leaves_the_contents_alone_until_they_take_it_over) {
  Transaction transaction(contents_);
  transaction.add(commit(change('a', "one")), 2);
  EXPECT_EQ(transaction.seal_rows().size(), 2u);  // and the head
  EXPECT_EQ(plain('a'), "absent");
  EXPECT_EQ(contents_.head.counter, 1u);
  transaction.take_over(contents_);
  EXPECT_EQ(plain('a'), "one");
  EXPECT_EQ(contents_.head.counter, 2u);
  expect_head_agrees();
}

TEST_F(TransactionTest, keeps_the_heads_sum_over_puts_and_erasures) {
  Transaction first(contents_);
  first.add(commit(change('a', "one"), change('b', "two")), 2);
  take(first);
  Transaction second(contents_);
  second.add(commit(change('a', std::nullopt), change('c', std::nullopt)), 3);
  second.add(commit(change('b', "three"), change('d', "four")), 4);
  second.add(commit(change('d', std::nullopt)), 5);
  take(second);
  EXPECT_EQ(plain('a'), "absent");
  EXPECT_EQ(plain('b'), "three");
  EXPECT_EQ(plain('d'), "absent");
  EXPECT_EQ(contents_.head.counter, 5u);
}

TEST_F(TransactionTest, judges_each_commit_by_what_those_before_it_did) {
  Transaction transaction(contents_);
  transaction.add(commit(change('a', "first", 0)), 2);
  transaction.add(commit(change('a', "too late", 0), change('b', "nor this")), 3);
  transaction.add(commit(change('a', "second", 2)), 4);
  transaction.add(commit(change('a', "too late", 2)), 5);
  take(transaction);
  EXPECT_EQ(plain('a'), "second");
  EXPECT_EQ(plain('b'), "absent");
  EXPECT_EQ(contents_.head.counter, 4u);
}

TEST_F(TransactionTest, judges_all_of_a_commit_before_it_does_any_of_it) {
  Transaction transaction(contents_);
  transaction.add(commit(change('a', "one", 0), change('a', "two", 0)), 2);
  take(transaction);
  EXPECT_EQ(plain('a'), "two");
}

TEST_F(TransactionTest, is_empty_where_every_commit_conflicts) {
  Transaction transaction(contents_);
  EXPECT_TRUE(transaction.empty());
  transaction.add(commit(change('a', "one", 7)), 2);
  transaction.add(commit(), 3);
  EXPECT_TRUE(transaction.empty());
}

TEST_F(TransactionTest, an_erased_record_does_not_exist) {
  Transaction first(contents_);
  first.add(commit(change('a', "one")), 2);
  take(first);
  Transaction second(contents_);
  second.add(commit(change('a', std::nullopt, 2)), 3);
  second.add(commit(change('a', "again", 0)), 4);
  take(second);
  EXPECT_EQ(plain('a'), "again");
}

TEST_F(TransactionTest, adds_a_slot_once_and_not_without_end) {
  Transaction transaction(contents_);
  const Sealer& sealer = contents_.sealer;
  const Key same = Key::random();
  for (uint64_t number = 2; number < 40; ++number) {
    Commit one;
    const Key fresh = Key::random();
    one.slot =
        make_slot(SlotKind::recovery, sealer.vault_id(), number < 4 ? same : fresh, sealer.root());
    transaction.add(std::move(one), number);
  }
  take(transaction);
  EXPECT_EQ(contents_.header.slots.size(), slot_limit);
  EXPECT_TRUE(open_header(contents_.rows.at(header_key).sealed, same));
}

}  // namespace
}  // namespace reeve
