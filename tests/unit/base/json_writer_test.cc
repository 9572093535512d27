#include "base/json_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace reeve {
namespace {

std::string written(std::string_view text) {
  std::string out;
  JsonWriter(out).string(text);
  return out;
}

TEST(JsonWriter, writes_members_in_order_with_commas_where_they_belong) {
  std::string out;
  JsonWriter json(out);
  json.begin_object()
      .member("s", "a")
      .member("i", int64_t{-1})
      .member("b", true)
      .member("l", std::vector<std::string>{"x", "y"})
      .member("none", std::optional<int64_t>())
      .member("some", std::optional<std::string>("v"))
      .key("o")
      .begin_object()
      .end_object()
      .key("n")
      .null()
      .key("a")
      .begin_array()
      .begin_array()
      .end_array()
      .integer(1)
      .raw("{\"r\":1}")
      .boolean(false)
      .end_array()
      .end_object();
  EXPECT_EQ(out, R"({"s":"a","i":-1,"b":true,"l":["x","y"],"some":"v","o":{},"n":null,)"
                 R"("a":[[],1,{"r":1},false]})");
  EXPECT_TRUE(parse_json(out));
}

TEST(JsonWriter, appends_to_what_is_there) {
  std::string out = "x";
  JsonWriter(out).begin_object().end_object();
  EXPECT_EQ(out, "x{}");
}

TEST(JsonWriter, escapes_what_must_be_and_nothing_else) {
  EXPECT_EQ(written("\"\\\n\r\t/"), R"("\"\\\n\r\t/")");
  EXPECT_EQ(written(std::string("\0\x01\x1f", 3)), R"("\u0000\u0001\u001f")");
  EXPECT_EQ(written("\x7f"), "\"\x7f\"");
  EXPECT_EQ(written("\xC3\xA4\xF0\x9F\x98\x80"), "\"\xC3\xA4\xF0\x9F\x98\x80\"");
  EXPECT_EQ(written(""), "\"\"");
  std::string out;
  JsonWriter(out).begin_object().member("\"k\n", "v").end_object();
  EXPECT_EQ(out, R"({"\"k\n":"v"})");
}

TEST(JsonWriter, broken_utf_8_becomes_replacement_characters) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(written("a\xFFz"), "\"a" + mark + "z\"");
  EXPECT_EQ(written("\xC3"), "\"" + mark + "\"");
  EXPECT_EQ(written("\xE2\x82"), "\"" + mark + mark + "\"");
  EXPECT_EQ(written("\xED\xA0\x80"), "\"" + mark + mark + mark + "\"");
  EXPECT_EQ(written("\xC3\xA4\xC3"), "\"\xC3\xA4" + mark + "\"");
}

TEST(JsonWriter, whatever_it_is_given_it_writes_valid_json_of_one_line) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  for (size_t start = 0; start < bytes.size(); ++start) {
    const std::string text = written(std::string_view(bytes).substr(start));
    EXPECT_TRUE(parse_json(text)) << start;
    EXPECT_EQ(text.find_first_of(std::string_view("\0\n\r", 3)), std::string::npos);
  }
  for (int a = 0x80; a < 256; ++a) {
    for (int b = 0; b < 256; ++b) {
      const char pair[] = {static_cast<char>(a), static_cast<char>(b)};
      EXPECT_TRUE(parse_json(written({pair, 2})));
    }
  }
}

TEST(JsonWriter, numbers_come_back_as_they_were) {
  for (const int64_t number : {int64_t{0}, int64_t{-1}, INT64_MAX, INT64_MIN}) {
    std::string out;
    JsonWriter(out).integer(number);
    EXPECT_EQ(parse_json(out)->integer(), number);
  }
  for (const double number : {0.0, -0.0, 1.0, 1.5, -2.0, 1e22, 1e300, 5e-324,
                              std::numeric_limits<double>::max(), 9223372036854775808.0, 0.1}) {
    std::string out;
    JsonWriter(out).real(number);
    const auto read = parse_json(out);
    ASSERT_TRUE(read) << out;
    EXPECT_EQ(read->type(), Json::Type::real) << out;
    EXPECT_EQ(read->real(), number);
  }
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const double number : {infinity, -infinity, std::numeric_limits<double>::quiet_NaN()}) {
    std::string out;
    JsonWriter(out).real(number);
    EXPECT_EQ(out, "null");
  }
}

TEST(JsonWriter, values_come_back_as_they_were) {
  const std::string text =
      R"({"a":[1,-2,3.5,true,false,null,"x\n",{}],"b":{"c":{"d":[[]]}},"e":""})";
  EXPECT_EQ(to_text(*parse_json(text)), text);
}

}  // namespace
}  // namespace reeve
