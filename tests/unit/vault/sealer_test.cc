#include "vault/sealer.h"

#include <gtest/gtest.h>

#include <set>
#include <utility>

namespace reeve {
namespace {

RecordId id_of(char fill) { return *RecordId::from(std::string(32, fill)); }

class SealerTest : public testing::Test {
 protected:
  SealerTest() {
    const Secret record = Sealer::epoch_record(1, Key::random());
    EXPECT_TRUE(sealer_.adopt_epoch(sealer_.epoch_id(1), record.reveal()));
  }
  void expect_corrupt(const RowKey& key, std::string_view row) {
    const Result<Secret> opened = sealer_.open_row(key, row);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::corrupt);
    EXPECT_EQ(opened.error().text.rfind(row_name(key), 0), 0u) << opened.error().text;
  }

  Key root_ = Key::random();
  Sealer sealer_{root_.clone(), std::string(16, 'v')};
  const RowKey key_{Kind::grant, id_of('a')};
};

TEST_F(SealerTest, opens_what_it_sealed) {
  for (const uint32_t epoch : {root_epoch, 1u}) {
    const std::string row = sealer_.seal_row(key_, {epoch, 7}, "refresh");
    const Result<Secret> opened = sealer_.open_row(key_, row);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->reveal(), "refresh");
    EXPECT_EQ(Sealer::read_header(key_, row)->generation, 7u);
    EXPECT_EQ(Sealer::read_header(key_, row)->epoch, epoch);
  }
}

TEST_F(SealerTest, refuses_a_row_under_another_id_or_kind) {
  const std::string row = sealer_.seal_row(key_, {1, 7}, "refresh");
  expect_corrupt({Kind::grant, id_of('b')}, row);
  expect_corrupt({Kind::access_token, key_.id}, row);
}

TEST_F(SealerTest, refuses_a_row_of_another_vault_with_the_same_key) {
  const Sealer other(root_.clone(), std::string(16, 'w'));
  expect_corrupt(key_, other.seal_row(key_, {root_epoch, 7}, "refresh"));
}

TEST_F(SealerTest, refuses_every_changed_octet_and_every_shorter_row) {
  const std::string row = sealer_.seal_row(key_, {1, 7}, "refresh");
  for (size_t i = 0; i < row.size(); ++i) {
    std::string changed = row;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    expect_corrupt(key_, changed);
    expect_corrupt(key_, std::string_view(row).substr(0, i));
  }
  expect_corrupt(key_, row + "x");
}

TEST_F(SealerTest, says_of_an_epoch_without_a_key_which_it_is) {
  Sealer other(root_.clone(), std::string(16, 'v'));
  const Secret record = Sealer::epoch_record(9, Key::random());
  ASSERT_TRUE(other.adopt_epoch(other.epoch_id(9), record.reveal()));
  const Result<Secret> opened = sealer_.open_row(key_, other.seal_row(key_, {9, 7}, "x"));
  ASSERT_FALSE(opened);
  EXPECT_NE(opened.error().text.find("epoch 9"), std::string::npos);
}

TEST_F(SealerTest, adopts_an_epochs_key_only_under_its_own_name) {
  const Secret record = Sealer::epoch_record(2, Key::random());
  EXPECT_FALSE(sealer_.adopt_epoch(sealer_.epoch_id(3), record.reveal()));
  EXPECT_FALSE(sealer_.adopt_epoch(sealer_.epoch_id(2), record.reveal().substr(1)));
  EXPECT_FALSE(sealer_.adopt_epoch(sealer_.epoch_id(2), ""));
  const Secret none = Sealer::epoch_record(root_epoch, Key::random());
  EXPECT_FALSE(sealer_.adopt_epoch(sealer_.epoch_id(root_epoch), none.reveal()));
  EXPECT_FALSE(sealer_.knows_epoch(2));
  EXPECT_TRUE(sealer_.adopt_epoch(sealer_.epoch_id(2), record.reveal()));
  EXPECT_TRUE(sealer_.knows_epoch(2));
}

TEST_F(SealerTest, ids_say_nothing_and_differ_by_vault_kind_and_parts) {
  const Sealer again(root_.clone(), std::string(16, 'v'));
  EXPECT_EQ(sealer_.id(Kind::grant, {"alice", "github"}),
            again.id(Kind::grant, {"alice", "github"}));
  const Sealer other(Key::random(), std::string(16, 'v'));
  std::set<RecordId> seen;
  for (const Sealer* sealer : {&std::as_const(sealer_), &other}) {
    for (const Kind kind : {Kind::grant, Kind::session}) {
      EXPECT_TRUE(seen.insert(sealer->id(kind, {"alice", "github"})).second);
      EXPECT_TRUE(seen.insert(sealer->id(kind, {"aliceg", "ithub"})).second);
      EXPECT_TRUE(seen.insert(sealer->id(kind, {"alicegithub"})).second);
      EXPECT_TRUE(seen.insert(sealer->id(kind, {"alicegithub", ""})).second);
      EXPECT_TRUE(seen.insert(sealer->id(kind, {})).second);
    }
  }
}

TEST_F(SealerTest, the_sets_items_differ_by_key_epoch_and_generation) {
  std::set<std::string> seen;
  for (const Kind kind : {Kind::grant, Kind::session}) {
    for (const char fill : {'a', 'b'}) {
      for (const uint32_t epoch : {1u, 2u}) {
        for (const uint64_t generation : {1u, 2u}) {
          EXPECT_TRUE(
              seen.insert(sealer_.set_item({kind, id_of(fill)}, {epoch, generation})).second);
        }
      }
    }
  }
}

}  // namespace
}  // namespace reeve
