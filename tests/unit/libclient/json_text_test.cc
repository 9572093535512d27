#include "src/json_text.h"

#include <gtest/gtest.h>

#include <string>

namespace reeve::client {
namespace {

std::string stands_for(const std::string& value) {
  std::string out(value.size(), '#');
  return resolve(value, out.data()) ? std::string(out.c_str()) : "(none)";
}

TEST(JsonText, finds_members_however_they_are_written) {
  const std::string object =
      R"({ "a" : "x,\"}{" , "p\u0061r":{"a":[1, {"b":2}]},"n":null,"f":false,"i":-12 ,"l":[ ]})";
  EXPECT_EQ(find(object, "a"), R"("x,\"}{")");
  EXPECT_EQ(find(object, "par"), R"({"a":[1, {"b":2}]})");
  EXPECT_EQ(find(object, "n"), "") << "null and absent are the same";
  EXPECT_EQ(find(object, "b"), "");
  EXPECT_EQ(find(object, "f"), "false");
  EXPECT_EQ(find(object, "i"), "-12");
  EXPECT_EQ(find(object, "l"), "[ ]");
  EXPECT_EQ(find("[1]", "a"), "");
  EXPECT_EQ(find("{}", "a"), "");
}

TEST(JsonText, walks_a_list) {
  std::string seen;
  std::string_view key, value;
  for (Walk walk(R"([ "a",1.5e3,true,{"x":1},[2,[3]], null ])"); walk.next(key, value);) {
    seen += std::string(value) + ";";
    EXPECT_TRUE(key.empty());
  }
  EXPECT_EQ(seen, R"("a";1.5e3;true;{"x":1};[2,[3]];null;)");
}

TEST(JsonText, resolves_escapes) {
  EXPECT_EQ(stands_for(R"("")"), "");
  EXPECT_EQ(stands_for(R"("\"\\\/\b\f\n\r\t")"), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(stands_for(R"("\u0041\u00e9\u20ac\ud83d\ude00z")"), "A\u00e9\u20ac\U0001F600z");
  EXPECT_EQ(stands_for("\"\u20ac\""), "\u20ac");
  EXPECT_EQ(stands_for(R"("a\u0000b")"), "(none)");
}

TEST(JsonText, compares_what_texts_stand_for) {
  EXPECT_EQ(compare("a", R"(\u0061)"), 0);
  EXPECT_EQ(compare(R"(\ud83d\ude00)", "\U0001F600"), 0);
  EXPECT_LT(compare("a", "ab"), 0);
  EXPECT_GT(compare("b", "ab"), 0);
}

TEST(JsonText, takes_whole_numbers_only) {
  int64_t number = 7;
  for (const char* text : {"", "1.0", "1e3", "\"1\"", "9223372036854775808", "true"}) {
    EXPECT_FALSE(whole_number(text, number)) << text;
  }
  EXPECT_EQ(number, 7);
  EXPECT_TRUE(whole_number("-9223372036854775808", number));
  EXPECT_EQ(number, INT64_MIN);
}

}  // namespace
}  // namespace reeve::client
