#include "vault/header.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

class HeaderTest : public testing::Test {
 protected:
  HeaderTest() {
    header_.slots.push_back(make_slot(SlotKind::service, header_.vault_id, master_, root_));
    header_.slots.push_back(make_slot(SlotKind::recovery, header_.vault_id, recovery_, root_));
    row_ = encode_header(header_, sealer_);
  }
  Code code_of(std::string_view row, const Key& master) {
    const Result<OpenedHeader> opened = open_header(row, master);
    return opened ? Code::internal : opened.error().code;
  }

  const Key master_ = Key::random();
  const Key recovery_ = Key::random();
  const Key root_ = Key::random();
  const Sealer sealer_{root_.clone(), std::string(16, 'v')};
  Header header_{std::string(16, 'v'), 5, {}};
  std::string row_;
};

TEST_F(HeaderTest, opens_with_any_of_its_master_keys) {
  for (const Key* master : {&master_, &recovery_}) {
    const Result<OpenedHeader> opened = open_header(row_, *master);
    ASSERT_TRUE(opened) << opened.error().text;
    EXPECT_EQ(opened->sealer.root().reveal(), root_.reveal());
    EXPECT_EQ(opened->header.vault_id, header_.vault_id);
    EXPECT_EQ(opened->header.generation, 5u);
    ASSERT_EQ(opened->header.slots.size(), 2u);
    EXPECT_EQ(opened->header.slots[1].kind, SlotKind::recovery);
  }
}

TEST_F(HeaderTest, says_of_another_master_key_what_to_do) {
  const Result<OpenedHeader> refused = open_header(row_, Key::random());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::denied);
  EXPECT_NE(refused.error().text.find("recovery key"), std::string::npos);
}

TEST_F(HeaderTest, names_a_newer_format) {
  std::string newer = row_;
  newer[9] = 2;
  const Result<OpenedHeader> refused = open_header(newer, master_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::invalid);
  EXPECT_NE(refused.error().text.find("format 2"), std::string::npos);
}

TEST_F(HeaderTest, refuses_every_changed_octet_and_every_other_length) {
  for (size_t i = 0; i < row_.size(); ++i) {
    std::string changed = row_;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(open_header(changed, master_)) << i;
    EXPECT_FALSE(open_header(std::string_view(row_).substr(0, i), master_)) << i;
  }
  EXPECT_EQ(code_of(row_ + "x", master_), Code::corrupt);
  EXPECT_EQ(code_of("", master_), Code::corrupt);
}

TEST_F(HeaderTest, refuses_a_slot_added_or_taken_away_without_the_root_key) {
  const Key mallory = Key::random();
  const Sealer foreign(Key::random(), header_.vault_id);
  Header more = header_;
  more.slots.push_back(make_slot(SlotKind::recovery, header_.vault_id, mallory, root_));
  EXPECT_EQ(code_of(encode_header(more, foreign), master_), Code::corrupt);
  Header fewer = header_;
  fewer.slots.pop_back();
  EXPECT_EQ(code_of(encode_header(fewer, foreign), master_), Code::corrupt);
}

TEST_F(HeaderTest, a_slot_of_another_vault_or_kind_does_not_open) {
  Header moved = header_;
  moved.slots = {make_slot(SlotKind::service, std::string(16, 'w'), master_, root_)};
  EXPECT_EQ(code_of(encode_header(moved, sealer_), master_), Code::denied);
  moved.slots[0].fingerprint = header_.slots[0].fingerprint;
  EXPECT_EQ(code_of(encode_header(moved, sealer_), master_), Code::corrupt);
  moved = header_;
  moved.slots[0].kind = SlotKind::recovery;
  EXPECT_EQ(code_of(encode_header(moved, sealer_), master_), Code::corrupt);
}

}  // namespace
}  // namespace reeve
