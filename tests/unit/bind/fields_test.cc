#include "bind/fields.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(Fields, are_decoded_and_found) {
  const auto fields = Fields::parse("code=a%2Fb+c&state=s");
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->text("code"), "a/b c");
  EXPECT_EQ(fields->find("iss"), nullptr);
  EXPECT_EQ(fields->text("iss"), "");
}

TEST(Fields, an_empty_value_counts_as_absent) {
  EXPECT_EQ(Fields::parse("code=&state")->find("code"), nullptr);
  EXPECT_EQ(Fields::parse("code=&state")->find("state"), nullptr);
}

TEST(Fields, a_name_that_stands_twice_is_refused_even_empty_or_written_otherwise) {
  for (const char* text : {"code=a&code=b", "code=a&code=a", "code=&code", "x=1&c%6Fde=a&code=b",
                           "other=1&other=2", "=&="}) {
    EXPECT_FALSE(Fields::parse(text)) << text;
  }
}

TEST(Fields, broken_escapes_and_floods_are_refused) {
  for (const char* text : {"a=%", "a=%4", "a=%zz", "%=a"})
    EXPECT_FALSE(Fields::parse(text)) << text;
  std::string many;
  for (int i = 0; i < 40; ++i) many += "n" + std::to_string(i) + "=1&";
  EXPECT_FALSE(Fields::parse(many));
}

TEST(Fields, know_plain_and_opaque_values) {
  EXPECT_TRUE(plain("https://a.example/?x=y z", 100));
  EXPECT_TRUE(plain("", 0));
  EXPECT_FALSE(plain("four", 3));
  for (const std::string_view bad : {"a\nb", "a\x7F", "\xC3\xA4", "\t"})
    EXPECT_FALSE(plain(bad, 9));
  EXPECT_FALSE(plain(std::string_view("\0", 1), 9));
  EXPECT_TRUE(opaque("aZ09-_.~"));
  for (const std::string_view bad : {"", "a/b", "a%62", "a b", "a+b", "a=b"}) {
    EXPECT_FALSE(opaque(bad)) << bad;
  }
  EXPECT_FALSE(opaque(std::string(129, 'a')));
}

}  // namespace
}  // namespace reeve
