#include "vault/sqlite.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/temp_dir.h"

namespace reeve {
namespace {

TEST(Sqlite, does_not_make_a_file) {
  const test::TempDir directory;
  const auto opened = SqliteDatabase::open(directory / "absent");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::io);
}

TEST(Sqlite, names_what_failed_and_goes_on) {
  const test::TempDir directory;
  std::ofstream(directory / "db");
  auto database = SqliteDatabase::open(directory / "db");
  ASSERT_TRUE(database);
  const Result<void> wrong = database->exec("SELECT nonsense");
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().text.find("no such column: nonsense"), std::string::npos);
  ASSERT_TRUE(database->exec("CREATE TABLE t (a PRIMARY KEY) STRICT").error().code == Code::io);
  ASSERT_TRUE(database->exec("CREATE TABLE t (a INTEGER PRIMARY KEY)"));

  auto insert = SqliteStatement::prepare(*database, "INSERT INTO t VALUES (?)");
  ASSERT_TRUE(insert);
  insert->bind(1, int64_t{1});
  ASSERT_TRUE(insert->run());
  insert->bind(1, int64_t{1});
  ASSERT_FALSE(insert->run());
  insert->bind(1, int64_t{2});
  ASSERT_TRUE(insert->run());
  EXPECT_EQ(*database->number("SELECT count(*) FROM t"), 2);
  EXPECT_EQ(*database->text("SELECT 'x' WHERE 0"), "");
}

TEST(Sqlite, rolls_back_only_what_was_begun) {
  const test::TempDir directory;
  std::ofstream(directory / "db");
  auto database = SqliteDatabase::open(directory / "db");
  ASSERT_TRUE(database);
  database->roll_back();
  ASSERT_TRUE(database->exec("BEGIN; CREATE TABLE t (a)"));
  database->roll_back();
  EXPECT_EQ(*database->number("SELECT count(*) FROM sqlite_schema"), 0);
}

}  // namespace
}  // namespace reeve
