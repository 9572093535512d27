#include "config/table_reader.h"

#include "config/parse_toml.h"
#include "config/text_rules.h"
#include "config_fixture.h"

namespace reeve {
namespace {

class TableReaderTest : public testing::Test {
 protected:
  TableReader reader(const std::string& text) {
    root_ = *parse_toml(text, report_.add_file("f"), report_);
    return TableReader(root_, "t", report_);
  }
  ConfigReport report_;
  TomlNode root_;
};

TEST_F(TableReaderTest, gives_what_is_there_and_nothing_for_what_is_not) {
  TableReader table = reader("a = \"x\"\nb = 3\nc = true\nd = [\"y\"]\n");
  EXPECT_EQ(table.text("a"), "x");
  EXPECT_EQ(table.integer("b", 0, 3), 3);
  EXPECT_EQ(table.boolean("c"), true);
  EXPECT_EQ(table.texts("d", name_rule), Lines{"y"});
  EXPECT_FALSE(table.text("e"));
  table.finish();
  EXPECT_FALSE(report_.failed());
}

TEST_F(TableReaderTest, reports_wrong_types_and_bounds_and_goes_on) {
  TableReader table =
      reader("a = 1\nb = 4\nc = \"true\"\nd = [\"y\", 2]\ne = [\"y\", \"y\"]\nf = \"\"");
  table.text("a");
  table.integer("b", 0, 3);
  table.boolean("c");
  EXPECT_EQ(table.texts("d", name_rule), Lines{"y"});
  table.texts("e", name_rule);
  table.text("f");
  table.finish();
  EXPECT_EQ(
      report_.errors(),
      (Lines{"f:1: [t] a: expected a text, not empty",
             "f:2: [t] b: expected a whole number from 0 to 3",
             "f:3: [t] c: expected true or false",
             "f:4: [t] d: each: expected a name of letters, digits, '-' and '_'",
             "f:5: [t] e: \"y\" stands here twice", "f:6: [t] f: expected a text, not empty"}));
}

TEST_F(TableReaderTest, reports_keys_that_nobody_asked_for) {
  TableReader table = reader("a = \"x\"\nz = 1\n");
  table.text("a");
  table.text("b");
  table.finish();
  EXPECT_EQ(report_.errors(), Lines{"f:2: [t] z: unknown key: expected one of a, b"});
}

TEST_F(TableReaderTest, names_the_path_of_inline_tables) {
  TableReader table = reader("a = { b = 1, c = 2 }\nl = [{ x = 1 }, 3]\n");
  auto inner = table.table("a");
  inner->text("b");
  inner->finish();
  for (TableReader& item : table.tables("l")) {
    item.text("x");
    item.finish();
  }
  EXPECT_EQ(report_.errors(), (Lines{"f:1: [t] a.b: expected a text, not empty",
                                     "f:1: [t] a.c: unknown key: expected one of b",
                                     "f:2: [t] l[1]: expected a table",
                                     "f:2: [t] l[0].x: expected a text, not empty"}));
}

TEST_F(TableReaderTest, shows_foreign_names_without_control_characters) {
  TableReader table = reader("\"\\u001b[2J\" = 1\n");
  table.finish();
  EXPECT_EQ(report_.errors().at(0).find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace reeve
