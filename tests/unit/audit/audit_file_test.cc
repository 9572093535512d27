#include "audit/audit_file.h"

#include "audit_world.h"

namespace reeve {
namespace {

class AuditFileTest : public test::AuditTest {};

TEST_F(AuditFileTest, finds_where_the_chain_ends) {
  make_log(2);
  const auto last = split_line(lines_of(text()).back());
  const auto file = AuditFile::open(path());
  ASSERT_TRUE(file);
  EXPECT_EQ(file->end(), (ChainPoint{last->sequence, last->chain}));
  EXPECT_FALSE(file->torn());
}

TEST_F(AuditFileTest, an_empty_log_begins_with_nothing) {
  const auto file = AuditFile::open(path());
  ASSERT_TRUE(file);
  EXPECT_EQ(file->end(), ChainPoint());
  EXPECT_TRUE(file->empty());
}

TEST_F(AuditFileTest, refuses_a_link_and_a_directory) {
  make_log(1);
  ASSERT_EQ(::symlink(path().c_str(), (directory_ / "link").c_str()), 0);
  EXPECT_FALSE(AuditFile::open(directory_ / "link"));
  EXPECT_FALSE(AuditFile::open(directory_.path()));
}

TEST_F(AuditFileTest, takes_no_other_files_for_its_own) {
  for (const char* name : {".pub", ".head", ".00000000001", ".0000000000010", ".00000000000x"})
    write("x", path() + name);
  write("x", directory_ / "other.jsonl.000000000001");
  EXPECT_TRUE(files_put_aside(path()).empty());
  write("x", path() + ".000000000010");
  write("x", path() + ".000000000002");
  EXPECT_EQ(files_put_aside(path()),
            (std::vector{path() + ".000000000002", path() + ".000000000010"}));
}

}  // namespace
}  // namespace reeve
