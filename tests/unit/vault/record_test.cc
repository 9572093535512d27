#include "vault/record.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(Record, names_its_kinds) {
  EXPECT_EQ(kind_name(Kind::access_token), "access token");
  EXPECT_EQ(kind_name(static_cast<Kind>(0)), "unknown kind");
  EXPECT_EQ(kind_name(static_cast<Kind>(77)), "unknown kind");
}

TEST(Record, knows_exactly_the_kinds_that_have_a_name) {
  for (int number = 0; number < 256; ++number) {
    EXPECT_EQ(kind_known(static_cast<uint8_t>(number)),
              kind_name(static_cast<Kind>(number)) != "unknown kind");
  }
}

TEST(Record, an_id_is_exactly_32_octets) {
  EXPECT_FALSE(RecordId::from(""));
  EXPECT_FALSE(RecordId::from(std::string(31, 'a')));
  EXPECT_FALSE(RecordId::from(std::string(33, 'a')));
  const std::optional<RecordId> id = RecordId::from(std::string(32, 'a'));
  ASSERT_TRUE(id);
  EXPECT_EQ(id->view(), std::string(32, 'a'));
}

TEST(Record, rows_are_named_by_kind_and_the_ids_beginning) {
  EXPECT_EQ(row_name({Kind::grant, *RecordId::from(std::string(32, '\xab'))}), "grant abababab");
}

}  // namespace
}  // namespace reeve
