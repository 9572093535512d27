#include "base/json.h"

#include <gtest/gtest.h>

#include "base/json_writer.h"

namespace reeve {
namespace {

std::string repeat(std::string_view text, size_t count) {
  std::string all;
  for (size_t i = 0; i < count; ++i) all += text;
  return all;
}

std::string error_of(std::string_view text, const JsonLimits& limits = {}) {
  const auto read = parse_json(text, limits);
  return read ? "none" : read.error().text;
}

TEST(Json, reads_each_kind_of_value_and_nothing_as_another) {
  struct Case {
    const char* text;
    Json::Type type;
  };
  const Case cases[] = {
      {"null", Json::Type::null},         {"true", Json::Type::boolean}, {"0", Json::Type::integer},
      {"-0", Json::Type::integer},        {"1.5", Json::Type::real},     {"1e2", Json::Type::real},
      {"\"a\"", Json::Type::string},      {"[]", Json::Type::array},     {"{}", Json::Type::object},
      {" \t\r\n1 ", Json::Type::integer},
  };
  for (const Case& c : cases) {
    const auto read = parse_json(c.text);
    ASSERT_TRUE(read) << c.text;
    EXPECT_EQ(read->type(), c.type) << c.text;
    EXPECT_EQ(read->is_null(), c.type == Json::Type::null);
    EXPECT_EQ(read->string() != nullptr, c.type == Json::Type::string);
    EXPECT_EQ(read->array() != nullptr, c.type == Json::Type::array);
    EXPECT_EQ(read->object() != nullptr, c.type == Json::Type::object);
    EXPECT_EQ(read->boolean().has_value(), c.type == Json::Type::boolean);
    EXPECT_EQ(read->integer().has_value(), c.type == Json::Type::integer);
    EXPECT_EQ(read->real().has_value(),
              c.type == Json::Type::integer || c.type == Json::Type::real);
    EXPECT_EQ(read->find("a"), nullptr);
    EXPECT_EQ(read->text("a"), "");
    EXPECT_FALSE(read->integer("a") || read->boolean("a") || read->strings("a"));
  }
}

TEST(Json, members_are_read_by_name_and_type) {
  auto json =
      *parse_json(R"({"s":"text","i":7,"b":false,"n":null,"l":["a","b"],"m":["a",1],"e":[]})");
  EXPECT_EQ(json.text("s"), "text");
  EXPECT_EQ(json.text("i"), "");
  EXPECT_EQ(json.integer("i"), 7);
  EXPECT_FALSE(json.integer("s"));
  EXPECT_EQ(json.boolean("b"), false);
  EXPECT_FALSE(json.boolean("n"));
  EXPECT_TRUE(json.find("n")->is_null());
  EXPECT_EQ(json.strings("l"), (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(json.strings("m"));
  EXPECT_EQ(json.strings("e"), std::vector<std::string>());
  EXPECT_EQ(json.find("S"), nullptr);
  EXPECT_EQ(json.take_text("i"), "");
  EXPECT_EQ(json.take_text("s"), "text");
  EXPECT_EQ(json.text("s"), "");
  Json number(int64_t{1});
  EXPECT_EQ(number.take_text("s"), "");
}

TEST(Json, refuses_what_is_none) {
  using std::operator""sv;
  for (const std::string_view text : {""sv,
                                      " "sv,
                                      "{"sv,
                                      "}"sv,
                                      "[1,]"sv,
                                      "{\"a\":1,}"sv,
                                      "{a:1}"sv,
                                      "{'a':1}"sv,
                                      "[1 2]"sv,
                                      "01"sv,
                                      "+1"sv,
                                      ".5"sv,
                                      "1."sv,
                                      "1e"sv,
                                      "0x1"sv,
                                      "NaN"sv,
                                      "Infinity"sv,
                                      "-"sv,
                                      "nul"sv,
                                      "nulll"sv,
                                      "True"sv,
                                      "\"a"sv,
                                      "\"\n\""sv,
                                      "\"\x01\""sv,
                                      "\"\\x41\""sv,
                                      "\"\\u12\""sv,
                                      "\"\\ud800\""sv,
                                      "\"\\udc00\""sv,
                                      "\"\\ud800\\u0041\""sv,
                                      "{} {}"sv,
                                      "{}x"sv,
                                      "1 1"sv,
                                      "/**/1"sv,
                                      "// \n1"sv,
                                      "\xFF\xFE{\0}\0"sv}) {
    const auto read = parse_json(text);
    EXPECT_FALSE(read) << text;
    EXPECT_EQ(error_of(text).find("invalid JSON: "), 0u) << text;
  }
}

// A NUL ends a frame on the wire; whatever follows one must not be there for one reader only.
TEST(Json, refuses_whatever_follows_a_nul) {
  using std::operator""sv;
  for (const std::string_view text : {"{}\0"sv, "{}\0x"sv, "\0{}"sv, "\0"sv, "{\0}"sv,
                                      "{\"a\":1\0}"sv, "\"a\0b\""sv, "1\0001"sv}) {
    EXPECT_FALSE(parse_json(text));
  }
  EXPECT_EQ(*parse_json("\"a\\u0000b\"")->string(), "a\0b"sv);
}

TEST(Json, refuses_broken_utf_8_in_keys_and_values) {
  for (const char* bytes :
       {"\x80", "\xC0\xAF", "\xC1\x81", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF0\x80\x80\xAF",
        "\xF4\x90\x80\x80", "\xF8\x88\x80\x80\x80", "\xC3", "\xE2\x82", "\xFF", "\xFE"}) {
    const std::string quoted = '"' + std::string(bytes) + '"';
    EXPECT_FALSE(parse_json(quoted));
    EXPECT_FALSE(parse_json("{" + quoted + ":1}"));
  }
  EXPECT_EQ(*parse_json("\"\\ud83d\\ude00 \xF0\x9F\x98\x80\"")->string(),
            "\xF0\x9F\x98\x80 \xF0\x9F\x98\x80");
}

TEST(Json, numbers_fit_int64_or_a_finite_double_or_are_refused) {
  EXPECT_EQ(parse_json("9223372036854775807")->integer(), INT64_MAX);
  EXPECT_EQ(parse_json("-9223372036854775808")->integer(), INT64_MIN);
  for (const char* text : {"18446744073709551616", "-9223372036854775809", "1e308",
                           "123456789012345678901234567890"}) {
    const auto read = parse_json(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(read->type(), Json::Type::real) << text;
    EXPECT_FALSE(read->integer());
    EXPECT_DOUBLE_EQ(*read->real(), std::stod(text));
  }
  for (const char* text :
       {"1e309", "-1e309", "1e99999999999", "9223372036854775808", "18446744073709551615"}) {
    EXPECT_FALSE(parse_json(text)) << text;
  }
  EXPECT_FALSE(parse_json("1" + std::string(400, '0')));
  EXPECT_EQ(parse_json("1e-400")->real(), 0.0);
  EXPECT_FALSE(parse_json("1.0")->integer()) << "a real is no integer, whatever its value";
}

TEST(Json, refuses_a_duplicate_key_however_it_is_written) {
  for (const char* text : {R"({"a":1,"a":2})", R"({"a":1,"b":2,"a":1})", R"({"a":1,"\u0061":2})",
                           R"({"":1,"":2})", R"([{"x":{"a":1,"a":1}}])", R"({"a":{},"a":[]})"}) {
    EXPECT_EQ(error_of(text), "invalid JSON: a duplicate key") << text;
  }
  EXPECT_TRUE(parse_json(R"({"a":{"a":{"a":1}},"b":{"a":1}})")) << "in other objects they are not";
  EXPECT_TRUE(parse_json(R"({"a":1,"A":2})"));
}

TEST(Json, limits_hold_exactly) {
  const JsonLimits limits{.bytes = 20, .depth = 3, .members = 2};
  EXPECT_TRUE(parse_json(std::string(19, ' ') + "1", limits));
  EXPECT_EQ(parse_json(std::string(20, ' ') + "1", limits).error().code, Code::limit);
  EXPECT_TRUE(parse_json("[[[1]]]", limits));
  EXPECT_EQ(error_of("[[[[]]]]", limits), "invalid JSON: nesting too deep");
  EXPECT_EQ(error_of(R"({"a":[{"b":[]}]})", limits), "invalid JSON: nesting too deep");
  EXPECT_TRUE(parse_json("[[],[],[[]],[]]", limits)) << "side by side is not deep";
  EXPECT_TRUE(parse_json(R"({"a":1,"b":2})", limits));
  EXPECT_EQ(error_of(R"({"a":1,"b":2,"c":3})", limits), "invalid JSON: too many members");
}

TEST(Json, the_usual_limits_are_those_of_the_wire) {
  EXPECT_TRUE(parse_json(repeat("[", 16) + repeat("]", 16)));
  EXPECT_FALSE(parse_json(repeat("[", 17) + repeat("]", 17)));
  EXPECT_TRUE(parse_json('"' + std::string(256 * 1024 - 2, 'a') + '"'));
  EXPECT_FALSE(parse_json('"' + std::string(256 * 1024 - 1, 'a') + '"'));
  std::string members;
  for (int i = 0; i < 256; ++i) members += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
  EXPECT_TRUE(parse_json("{" + members + "}"));
  EXPECT_FALSE(parse_json("{" + members + ",\"x\":1}"));
}

TEST(Json, a_hundred_thousand_levels_are_refused_without_harm) {
  const JsonLimits limits{.bytes = size_t{16} * 1024 * 1024};
  for (const char* open : {"[", "{\"a\":", "[{\"a\":"}) {
    EXPECT_EQ(error_of(repeat(open, 100'000), limits), "invalid JSON: nesting too deep");
  }
}

// Whoever allows it gets it; the value's destructor is then the deepest recursion there is.
TEST(Json, a_thousand_levels_that_are_allowed_are_read_and_dropped) {
  const JsonLimits limits{.depth = 1000};
  EXPECT_TRUE(parse_json(repeat("[", 1000) + repeat("]", 1000), limits));
}

TEST(Json, errors_say_where_and_never_what) {
  EXPECT_EQ(error_of("[1,2,x]"), "invalid JSON: a syntax error at byte 6");
  EXPECT_EQ(error_of("{\"token\":\"SECRET-TOKEN\" SECRET}").find("SECRET"), std::string::npos);
  EXPECT_EQ(error_of("\"SECRET-TOKEN\n\"").find("SECRET"), std::string::npos);
  EXPECT_EQ(error_of("{\"SECRET\":1,\"SECRET\":2}").find("SECRET"), std::string::npos);
  EXPECT_EQ(error_of("1e999").find("1e999"), std::string::npos);
}

TEST(Json, keeps_the_order_of_members) {
  const auto json = parse_json(R"({"z":1,"a":{"y":[],"b":2},"m":3})");
  EXPECT_EQ(to_text(*json), R"({"z":1,"a":{"y":[],"b":2},"m":3})");
}

TEST(Json, containers_that_grow_keep_what_is_in_them) {
  std::string text = "[";
  for (int i = 0; i < 1000; ++i) {
    text += (i == 0 ? "" : ",") + std::string("{\"a\":[") + std::to_string(i) + ",[\"" +
            std::string(40, 'x') + "\"]]}";
  }
  text += "]";
  const auto json = parse_json(text);
  ASSERT_TRUE(json);
  EXPECT_EQ(to_text(*json), text);
}

}  // namespace
}  // namespace reeve
