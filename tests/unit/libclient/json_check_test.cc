#include "src/json_check.h"

#include <gtest/gtest.h>

#include <string>

namespace reeve::client {
namespace {

bool good(std::string_view text) { return check_object(text) == JsonCheck::object; }

std::string nested(int depth) {
  return "{\"a\":" + std::string(static_cast<size_t>(depth - 1), '[') +
         std::string(static_cast<size_t>(depth - 1), ']') + "}";
}

TEST(JsonCheck, takes_objects_as_the_grammar_has_them) {
  for (const char* text :
       {"{}", " {\t} \r\n", R"({"a":1})", R"({ "a" : [ ] , "b" : { } })", R"({"":null})",
        R"({"a":[1,-0,0.5,1e9,1E-2,10.25e+3,true,false,null,"x"]})", R"({"a":"\"\\\/\b\f\n\r\t"})",
        R"({"a":"\u0000\ud83d\ude00"})",
        "{\"a\":\"\x7f \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"}"}) {
    EXPECT_TRUE(good(text)) << text;
  }
}

TEST(JsonCheck, refuses_what_is_no_object_or_no_json) {
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
    EXPECT_FALSE(good(text)) << text;
  }
}

TEST(JsonCheck, refuses_text_that_is_no_utf8) {
  for (const char* bytes :
       {"\x80", "\xff", "\xc0\x80", "\xc1\xbf", "\xe0\x80\x80", "\xc3", "\xe2\x82", "\xed\xa0\x80",
        "\xf4\x90\x80\x80", "\xf0\x80\x80\x80", "\xf5\x80\x80\x80"}) {
    EXPECT_FALSE(good("{\"a\":\"" + std::string(bytes) + "\"}"));
  }
  for (const char* escapes :
       {R"(\ud800)", R"(\ud800\u0041)", R"(\udc00)", R"(\ud800\ud800)", R"(\ud800x)"}) {
    EXPECT_FALSE(good("{\"a\":\"" + std::string(escapes) + "\"}")) << escapes;
  }
}

TEST(JsonCheck, refuses_duplicate_keys_at_every_level_however_they_are_written) {
  EXPECT_FALSE(good(R"({"a":1,"b":2,"a":3})"));
  EXPECT_FALSE(good(R"({"x":[{"a":1,"a":1}]})"));
  EXPECT_FALSE(good(R"({"a":1,"\u0061":2})"));
  EXPECT_FALSE(good("{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}"));
  EXPECT_FALSE(good("{\"\\u20ac\":1,\"\xe2\x82\xac\":2,\"\\u00e9\":3}"));
  EXPECT_TRUE(good(R"({"a":{"a":{"a":1}}})"));
}

TEST(JsonCheck, refuses_nesting_beyond_the_limit) {
  EXPECT_TRUE(good(nested(kJsonDepth)));
  EXPECT_FALSE(good(nested(kJsonDepth + 1)));
  EXPECT_FALSE(good("{\"a\":" + std::string(100000, '[')));
}

TEST(JsonCheck, is_not_slowed_down_by_many_keys) {
  std::string text = "{";
  for (int i = 0; i < 20000; ++i) text += "\"" + std::to_string(i) + "\":0,";
  EXPECT_TRUE(good(text + "\"x\":0}"));
  EXPECT_FALSE(good(text + "\"7777\":0}"));
}

}  // namespace
}  // namespace reeve::client
