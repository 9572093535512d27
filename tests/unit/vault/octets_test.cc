#include "vault/octets.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(Octets, numbers_are_big_endian_and_of_fixed_width) {
  std::string text;
  put_number(text, uint8_t{0xfe});
  put_number(text, uint16_t{0x0102});
  put_number(text, uint32_t{0x03040506});
  put_number(text, uint64_t{0xf708090a0b0c0d0e});
  EXPECT_EQ(text, "\xfe\x01\x02\x03\x04\x05\x06\xf7\x08\x09\x0a\x0b\x0c\x0d\x0e");
  OctetReader reader(text);
  EXPECT_EQ(reader.number<uint8_t>(), 0xfe);
  EXPECT_EQ(reader.number<uint16_t>(), 0x0102);
  EXPECT_EQ(reader.number<uint32_t>(), 0x03040506u);
  EXPECT_FALSE(reader.complete());
  EXPECT_EQ(reader.number<uint64_t>(), 0xf708090a0b0c0d0eu);
  EXPECT_TRUE(reader.complete());
}

TEST(Octets, past_the_end_is_nothing_and_stays_so) {
  OctetReader reader("abc");
  EXPECT_EQ(reader.take(2), "ab");
  EXPECT_EQ(reader.number<uint16_t>(), 0);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.take(1), "");
  EXPECT_FALSE(reader.ok());
  EXPECT_FALSE(reader.complete());
}

}  // namespace
}  // namespace reeve
