#include "vault/rows.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace reeve {
namespace {

RowKey key_of(char fill, Kind kind = Kind::grant) {
  return {kind, *RecordId::from(std::string(32, fill))};
}
Label label_of(char fill) { return *Label::from(std::string(16, fill)); }

class RowsTest : public testing::Test {
 protected:
  void put(const RowKey& key, Labels labels) { rows_.put(key, {"", {1, 2, std::move(labels)}}); }
  // The first letters of the ids.
  std::string found(char label, Kind kind = Kind::grant) {
    std::string text;
    for (const RecordId& id : rows_.labelled(kind, label_of(label)))
      text += static_cast<char>(id.octets[0]);
    std::sort(text.begin(), text.end());
    return text;
  }
  Rows rows_;
};

TEST_F(RowsTest, are_found_by_any_of_their_labels_and_kind) {
  put(key_of('a'), {label_of('x'), label_of('y')});
  put(key_of('b'), {label_of('x')});
  put(key_of('a', Kind::access_token), {label_of('x')});
  put(key_of('c'), {});
  EXPECT_EQ(found('x'), "ab");
  EXPECT_EQ(found('y'), "a");
  EXPECT_EQ(found('x', Kind::access_token), "a");
  EXPECT_EQ(found('z'), "");
  EXPECT_EQ(rows_.count(Kind::grant), 3u);
  EXPECT_EQ(rows_.count(Kind::access_token), 1u);
  EXPECT_EQ(rows_.count(Kind::session), 0u);
  EXPECT_EQ(rows_.bare(Kind::grant), 1u);
  put(key_of('c'), {label_of('x')});
  EXPECT_EQ(rows_.bare(Kind::grant), 0u);
}

TEST_F(RowsTest, change_their_labels_with_the_row_and_lose_them_with_it) {
  put(key_of('a'), {label_of('x'), label_of('y')});
  put(key_of('a'), {label_of('y'), label_of('z')});
  EXPECT_EQ(found('x') + found('y') + found('z'), "aa");
  rows_.erase(key_of('a'));
  rows_.erase(key_of('a'));
  EXPECT_EQ(found('x') + found('y') + found('z'), "");
  EXPECT_EQ(rows_.count(Kind::grant), 0u);
  EXPECT_EQ(rows_.size(), 0u);
}

TEST_F(RowsTest, are_counted_by_a_mark_and_not_found) {
  const Label mark = label_of('\0');
  put(key_of('a'), {label_of('x'), mark});
  put(key_of('b'), {label_of('x'), mark});
  EXPECT_EQ(rows_.count(Kind::grant, mark), 2u);
  EXPECT_EQ(found('\0'), "");
  put(key_of('a'), {label_of('x')});
  rows_.erase(key_of('b'));
  EXPECT_EQ(rows_.count(Kind::grant, mark), 0u);
  EXPECT_EQ(found('x'), "a");
}

TEST_F(RowsTest, are_counted_by_the_age_of_their_keys) {
  const auto put_of = [this](char id, uint32_t epoch) {
    rows_.put(key_of(id), {"", {epoch, 1, {}}});
  };
  put_of('k', root_epoch);
  put_of('a', 1);
  put_of('b', 1);
  put_of('c', 2);
  EXPECT_EQ(rows_.older_than(2), 2u);
  EXPECT_EQ(rows_.older_than(3), 3u);
  put_of('a', 2);
  rows_.erase(key_of('b'));
  EXPECT_EQ(rows_.older_than(2), 0u);
  EXPECT_EQ(rows_.older_than(3), 2u);
}

TEST_F(RowsTest, keep_their_labels_where_they_are_moved) {
  put(key_of('a'), {label_of('x')});
  Rows moved = std::move(rows_);
  EXPECT_EQ(moved.labelled(Kind::grant, label_of('x')).size(), 1u);
  moved.erase(key_of('a'));
  EXPECT_TRUE(moved.labelled(Kind::grant, label_of('x')).empty());
}

}  // namespace
}  // namespace reeve
