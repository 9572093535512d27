#include "src/json_scan.h"

#include <gtest/gtest.h>

namespace reeve::client {
namespace {

std::string nested(int depth) {
  return "{\"a\":" + std::string(static_cast<size_t>(depth - 1), '[') +
         std::string(static_cast<size_t>(depth - 1), ']') + "}";
}

TEST(JsonScan, takes_objects_as_the_grammar_has_them) {
  for (const char* text :
       {"{}", " {\t} \r\n", R"({"a":1})", R"({ "a" : [ ] , "b" : { } })", R"({"":null})",
        R"({"a":[1,-0,0.5,1e9,1E-2,10.25e+3,true,false,null,"x"]})", R"({"a":"\"\\\/\b\f\n\r\t"})",
        R"({"a":"\u0000\ud83d\ude00"})",
        "{\"a\":\"\x7f \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"}"}) {
    EXPECT_TRUE(scan_object(text)) << text;
  }
}

TEST(JsonScan, refuses_what_is_no_object_or_no_json) {
  for (const char* text : {"",
                           " ",
                           "null",
                           "[]",
                           "1",
                           "\"a\"",
                           "{",
                           "}",
                           "{}}",
                           "{} {}",
                           "{}x",
                           "{a:1}",
                           "{'a':1}",
                           R"({"a"})",
                           R"({"a":})",
                           R"({"a":1,})",
                           R"({,"a":1})",
                           R"({"a":1 "b":2})",
                           R"({"a":[1,]})",
                           R"({"a":[,1]})",
                           R"({"a":[1 2]})",
                           R"({"a":[})",
                           R"({"a":01})",
                           R"({"a":-})",
                           R"({"a":+1})",
                           R"({"a":.5})",
                           R"({"a":1.})",
                           R"({"a":1e})",
                           R"({"a":NaN})",
                           R"({"a":tru})",
                           R"({"a":"x)",
                           R"({"a":"\x"})",
                           R"({"a":"\u12g4"})",
                           R"({"a":"\u12)",
                           "{\"a\":\"\n\"}",
                           "{\"a\":\"\t\"}",
                           R"({"a":1/**/})"}) {
    EXPECT_FALSE(scan_object(text)) << text;
  }
}

TEST(JsonScan, refuses_text_that_is_no_utf8) {
  for (const char* bytes :
       {"\x80", "\xff", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xc3", "\xe2\x82", "\xed\xa0\x80",
        "\xf4\x90\x80\x80", "\xf0\x80\x80\x80", "\xf5\x80\x80\x80"}) {
    EXPECT_FALSE(scan_object("{\"a\":\"" + std::string(bytes) + "\"}"));
  }
  for (const char* escapes :
       {R"(\ud800)", R"(\ud800\u0041)", R"(\udc00)", R"(\ud800\ud800)", R"(\ud800x)"}) {
    EXPECT_FALSE(scan_object("{\"a\":\"" + std::string(escapes) + "\"}")) << escapes;
  }
}

TEST(JsonScan, refuses_duplicate_keys_at_every_level_however_they_are_written) {
  EXPECT_FALSE(scan_object(R"({"a":1,"b":2,"a":3})"));
  EXPECT_FALSE(scan_object(R"({"x":[{"a":1,"a":1}]})"));
  EXPECT_FALSE(scan_object(R"({"a":1,"\u0061":2})"));
  EXPECT_FALSE(scan_object("{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}"));
  EXPECT_FALSE(scan_object("{\"\\u20ac\":1,\"\xe2\x82\xac\":2,\"\\u00e9\":3}"));
  EXPECT_TRUE(scan_object(R"({"a":{"a":{"a":1}}})"));
}

TEST(JsonScan, refuses_nesting_beyond_the_limit) {
  EXPECT_TRUE(scan_object(nested(kJsonDepth)));
  EXPECT_FALSE(scan_object(nested(kJsonDepth + 1)));
  EXPECT_FALSE(scan_object("{\"a\":" + std::string(100000, '[')));
}

TEST(JsonScan, tells_where_the_members_lie) {
  const auto members = scan_object(R"( {"error" : "x.Y", "p\u0061r" : {"a":[1, 2]}} )");
  ASSERT_TRUE(members);
  ASSERT_EQ(members->size(), 2U);
  EXPECT_EQ((*members)[0].key, "error");
  EXPECT_EQ((*members)[0].value, "\"x.Y\"");
  EXPECT_EQ((*members)[1].key, "par");
  EXPECT_EQ((*members)[1].value, R"({"a":[1, 2]})");
}

}  // namespace
}  // namespace reeve::client
