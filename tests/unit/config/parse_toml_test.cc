#include "config/parse_toml.h"

#include "config_fixture.h"

namespace reeve {
namespace {

struct Parsed {
  std::optional<TomlNode> root;
  Lines errors;
};

Parsed parse(const std::string& text) {
  ConfigReport report;
  auto root = parse_toml(text, report.add_file("f"), report);
  return {std::move(root), report.errors()};
}

std::string repeat(const std::string& text, size_t count) {
  std::string all;
  while (count-- > 0) all += text;
  return all;
}

TEST(ParseToml, keeps_values_and_their_lines) {
  const Parsed parsed = parse("a = 1\n[b.c]\nd = \"x\"\ne = [true,\n  false]\n");
  ASSERT_TRUE(parsed.root);
  EXPECT_EQ(*parsed.root->find("a")->integer(), 1);
  EXPECT_EQ(parsed.root->find("a")->place().line, 1U);
  const TomlNode* table = parsed.root->find("b")->find("c");
  EXPECT_EQ(table->place().line, 2U);
  EXPECT_EQ(parsed.root->find("b")->place().line, 2U);
  EXPECT_EQ(*table->find("d")->text(), "x");
  EXPECT_EQ(table->find("e")->array()->at(1).place().line, 5U);
  EXPECT_EQ(table->find("nothing"), nullptr);
}

TEST(ParseToml, reports_the_line_of_broken_text) {
  for (const char* text : {"a = 1\nb = \n", "a = 1\na = 2\n", "a = 1\n[t]\n[t]\n", "x\n\"\n"}) {
    const Parsed parsed = parse(text);
    EXPECT_FALSE(parsed.root) << text;
    ASSERT_EQ(parsed.errors.size(), 1U) << text;
    EXPECT_TRUE(parsed.errors[0].starts_with("f:")) << parsed.errors[0];
  }
}

// toml++ 3.3 asserts on these.
TEST(ParseToml, survives_headers_without_a_key) {
  for (const char* text : {"[+]", "[,]", "[=]", "[[+]]", "[ +]", "[a.+]", "a.+ = 1", "[\x01]"}) {
    EXPECT_EQ(parse(text).errors.size(), 1U) << text;
  }
}

// toml++ 3.3 takes such letters outside strings for impossible.
TEST(ParseToml, refuses_foreign_letters_as_bare_keys_and_takes_them_elsewhere) {
  for (const char* text : {"\xc9\x87 = 1", "a\xc9\x87 = 1", "[\xc9\x87]", "a = 1 \xc3\xa4",
                           "a = \xe4\xbd\xa0", "\xf0\x9f\x98\x80 = 1"}) {
    EXPECT_EQ(parse(text).errors.size(), 1U) << text;
  }
  const Parsed parsed = parse("# \xc9\x87\na = \"\xc9\x87\" # \xc3\xa4\n\"\xc9\x87\" = 1\n");
  ASSERT_TRUE(parsed.root);
  EXPECT_EQ(*parsed.root->find("a")->text(), "\xc9\x87");
}

TEST(ParseToml, refuses_deep_dotted_keys_before_it_parses) {
  EXPECT_EQ(parse("x = 1\na" + repeat(".a", 100000) + " = 1\n").errors,
            Lines{"f:2: more than 200 dots in one line: break the line"});
  EXPECT_EQ(parse("[a" + repeat(".a", 100000) + "]\n").errors.size(), 1U);
  EXPECT_EQ(parse("a" + repeat(".a", 50) + " = 1\n").errors, Lines{"f:1: nested too deeply"});
}

TEST(ParseToml, refuses_deep_nesting) {
  EXPECT_EQ(parse("a = " + repeat("[", 100000)).errors.size(), 1U);
  EXPECT_EQ(parse("a = " + repeat("{a=", 100000)).errors.size(), 1U);
  EXPECT_EQ(parse("a = " + repeat("[\n{a.b.c.d.e.f.g = ", 5) + repeat("}]", 5)).errors.size(), 1U);
}

TEST(ParseToml, refuses_long_and_broken_text) {
  EXPECT_EQ(parse(std::string(toml_bytes_limit + 1, '\n')).errors.size(), 1U);
  EXPECT_EQ(parse("a = \"\xff\"\n").errors, Lines{"f: expected UTF-8 text"});
}

TEST(ParseToml, takes_dates_and_fractions_for_no_type_of_ours) {
  const Parsed parsed = parse("a = 1.5\nb = 2020-01-01\n");
  ASSERT_TRUE(parsed.root);
  EXPECT_EQ(parsed.root->find("a")->integer(), nullptr);
  EXPECT_EQ(parsed.root->find("b")->text(), nullptr);
}

}  // namespace
}  // namespace reeve
