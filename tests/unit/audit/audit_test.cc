#include "audit/audit.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>

#include "audit_world.h"
#include "base/json.h"

namespace reeve {
namespace {

using test::AuditTest;

class Rotation : public AuditTest {};

TEST_F(AuditTest, writes_one_json_line_a_record) {
  auto audit = open();
  ASSERT_TRUE(audit);
  const std::string actor = render_actor({"bot", {{"uid", "7"}, {"unit", "a.service"}}, "agent"});
  ASSERT_TRUE((*audit)->record(lent(actor)));
  const auto synced = test::run(loop_, (*audit)->record_synced(lent("")));
  ASSERT_TRUE(synced);
  const auto lines = lines_of(text());
  ASSERT_EQ(lines.size(), 3u);
  EXPECT_EQ(parse_json(lines[0])->text("event"), "audit.started");
  const auto first = parse_json(lines[1]);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->text("event"), "token.lent");
  EXPECT_EQ(first->text("workload"), "bot");
  EXPECT_EQ(first->find("peer")->text("uid"), "7");
  EXPECT_EQ(first->find("user")->text("subject"), "alice\n\"");
  EXPECT_EQ(parse_json(lines[2])->integer("sequence"), 3);
  struct stat status {};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(AuditTest, goes_on_with_the_chain_after_a_restart) {
  make_log(3);
  make_log(2);
  const AuditReport report = verify();
  EXPECT_TRUE(report.valid) << report.findings.front();
  EXPECT_TRUE(report.summary.starts_with("9 records, the last 9:")) << report.summary;
  EXPECT_TRUE(report.summary.ends_with("signed up to record 9"));
}

TEST_F(AuditTest, tells_of_a_record_torn_by_a_crash) {
  make_log(2);
  const std::string whole = text();
  for (const std::string& torn :
       {std::string("{\"time\":1,\"sequence\":5,\"eve"), std::string(300, '\0'),
        std::string("x\ny\n"), std::string("\n")}) {
    write(whole + torn);
    ::unlink((path() + ".head").c_str());  // it knows of the turn before
    EXPECT_FALSE(verify().valid);
    { ASSERT_TRUE(open()); }
    EXPECT_TRUE(text().starts_with(whole + torn));
    const AuditReport report = verify();
    EXPECT_TRUE(report.valid) << report.findings.front();
    EXPECT_NE(report.notes.front().find(":5: a record torn by a crash"), std::string::npos)
        << report.notes.front();
    // Told of these octets only.
    std::string other = text();
    other[whole.size()] = other[whole.size()] == '\n' ? 'z' : '\n';
    write(other);
    EXPECT_FALSE(verify().valid);
  }
}

TEST_F(AuditTest, tells_of_a_first_record_torn_by_a_crash) {
  write("{\"time\":1,\"seq");
  { ASSERT_TRUE(open()); }
  EXPECT_TRUE(verify().valid);
}

TEST_F(AuditTest, does_not_go_on_in_a_file_of_something_else) {
  write("Nov 25 18:00:00 host login: alice\n");
  const auto opened = open();
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::corrupt);
  EXPECT_NE(opened.error().text.find("move the file away"), std::string::npos);
  EXPECT_EQ(text(), "Nov 25 18:00:00 host login: alice\n");
}

TEST_F(AuditTest, knows_at_its_start_that_the_log_was_cut) {
  make_log(5);
  const auto lines = lines_of(text());
  const auto last = split_line(lines.back());
  const ChainPoint known{last->sequence, last->chain};
  ::unlink((path() + ".head").c_str());
  write(joined({lines[0], lines[1]}));
  { ASSERT_TRUE(open(known)); }
  const auto found = lines_of(text());
  const auto started = parse_json(found[2]);
  EXPECT_EQ(started->text("cut_before"), to_text(known));
  EXPECT_EQ(started->integer("sequence"), 8);
  const AuditReport report = verify();
  ASSERT_FALSE(report.valid);
  EXPECT_NE(report.findings.front().find(":3: records 3 to 7 before this one are missing"),
            std::string::npos)
      << report.findings.front();
}

TEST_F(AuditTest, knows_that_the_log_was_cut_by_the_checkpoint_beside_it) {
  make_log(5);
  const auto lines = lines_of(text());
  write(joined({lines[0], lines[1]}));
  EXPECT_FALSE(verify().valid);
  { ASSERT_TRUE(open()); }
  EXPECT_NE(text().find("cut_before"), std::string::npos);
  // One that is not signed with our key is nobody's word.
  write(joined(lines));
  write(lines[2] + "\n", path() + ".head");
  { ASSERT_TRUE(open()); }
  EXPECT_EQ(text().find("cut_before"), std::string::npos);
}

TEST_F(AuditTest, signs_after_so_many_records) {
  auto audit = open();
  ChainPoint told;
  (*audit)->on_checkpoint([&](const ChainPoint& point) { told = point; });
  for (int i = 0; i < 1024; ++i) ASSERT_TRUE((*audit)->record(lent()));
  EXPECT_EQ(told.sequence, 1026u);
  EXPECT_EQ(told, (*audit)->end());
  EXPECT_TRUE(verify(told).summary.ends_with("signed up to record 1026"));
}

TEST_F(AuditTest, keeps_the_checkpoint_beside_the_log_off_the_loop_and_none_over_a_newer_one) {
  const HeadFile beside(path() + ".head");
  auto audit = open();
  EXPECT_EQ(beside.read(key()).sequence, 1u);
  for (int i = 0; i < 1024; ++i) ASSERT_TRUE((*audit)->record(lent()));
  test::drain_pool(loop_);
  EXPECT_EQ(beside.read(key()).sequence, 1026u);
  // Begun, and overtaken by the end.
  for (int i = 0; i < 1024; ++i) ASSERT_TRUE((*audit)->record(lent()));
  const ChainPoint before_end = (*audit)->end();
  EXPECT_EQ(before_end.sequence, 2051u);
  loop_.turn();
  audit->reset();
  test::drain_pool(loop_);
  EXPECT_EQ(beside.read(key()).sequence, 2052u);
}

// Nothing is written beyond a size: a full disk, whose last write is a part of what was asked.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit now{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &now);
  }
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(AuditTest, says_when_it_cannot_write_and_leaves_no_half_line) {
  auto audit = open();
  ASSERT_TRUE((*audit)->record(lent()));
  const std::string before = text();
  {
    const FullDisk full(before.size() + 20);
    const auto recorded = (*audit)->record(lent());
    ASSERT_FALSE(recorded);
    EXPECT_EQ(recorded.error().code, Code::unavailable);
    EXPECT_EQ((*audit)->failures(), 1u);
  }
  EXPECT_EQ(text(), before);
  EXPECT_TRUE((*audit)->record(lent()));
  (*audit).reset();
  EXPECT_TRUE(verify().valid);
  EXPECT_FALSE(Audit::open(loop_, clock_, {directory_ / "no/such", key(), {}, ""}));
}

TEST_F(Rotation, leaves_no_break_in_the_chain) {
  {
    auto audit = open();
    (*audit)->set_limits({4000, 0});
    for (int i = 0; i < 100; ++i) ASSERT_TRUE((*audit)->record(lent()));
  }
  const auto aside = files_put_aside(path());
  EXPECT_GT(aside.size(), 3u);
  const AuditReport report = verify();
  EXPECT_TRUE(report.valid) << report.findings.front();
  for (const std::string& file : aside) {
    const auto lines = lines_of(test::read_whole(file));
    EXPECT_TRUE(split_signature(split_line(lines.front())->body)) << file;
    EXPECT_EQ(parse_json(lines.back())->text("event"), "audit.put_aside");
  }
  // One of them dropped, from the middle and from the start.
  ASSERT_EQ(::unlink(aside[1].c_str()), 0);
  EXPECT_NE(verify().findings.front().find("before this one are missing"), std::string::npos);
  ASSERT_EQ(::unlink(aside[0].c_str()), 0);
  const AuditReport later = verify();
  EXPECT_TRUE(later.valid) << later.findings.front();
  EXPECT_NE(later.notes.front().find("the log begins with record"), std::string::npos);
}

TEST_F(Rotation, removes_the_oldest_and_says_so) {
  {
    auto audit = open();
    (*audit)->set_limits({4000, 2});
    for (int i = 0; i < 100; ++i) ASSERT_TRUE((*audit)->record(lent()));
  }
  EXPECT_EQ(files_put_aside(path()).size(), 2u);
  EXPECT_NE(text().find("\"removed\":[\"audit.jsonl.0"), std::string::npos);
  EXPECT_TRUE(verify().valid);
}

TEST_F(Rotation, goes_on_after_a_crash_between_two_files) {
  {
    auto audit = open();
    (*audit)->set_limits({4000, 0});
    for (int i = 0; i < 20; ++i) ASSERT_TRUE((*audit)->record(lent()));
  }
  // As if it died just before it made the new file.
  const std::string aside = path() + ".000000000999";
  ASSERT_EQ(::rename(path().c_str(), aside.c_str()), 0);
  { ASSERT_TRUE(open()); }
  EXPECT_TRUE(verify().valid) << verify().findings.front();
}

TEST_F(Rotation, follows_whoever_moves_the_file_away) {
  auto audit = open();
  ASSERT_TRUE((*audit)->record(lent()));
  ASSERT_TRUE((*audit)->reopen());
  EXPECT_EQ(lines_of(text()).size(), 2u) << "nothing was moved";
  const std::string aside = path() + ".000000000002";
  ASSERT_EQ(::rename(path().c_str(), aside.c_str()), 0);
  ASSERT_TRUE((*audit)->record(lent()));
  ASSERT_TRUE((*audit)->reopen());
  ASSERT_TRUE((*audit)->record(lent()));
  (*audit).reset();
  const AuditReport report = verify();
  EXPECT_TRUE(report.valid) << report.findings.front();
  EXPECT_EQ(lines_of(test::read_whole(aside)).size(), 4u);
}

TEST_F(Rotation, goes_on_in_the_old_file_where_it_cannot_put_it_aside) {
  auto audit = open();
  (*audit)->set_limits({2000, 0});
  // The name it would take is taken.
  for (int i = 1; i < 30; ++i) {
    char name[16];
    std::snprintf(name, sizeof name, ".%012d", i);
    write("x", path() + name);
  }
  for (int i = 0; i < 12; ++i) ASSERT_TRUE((*audit)->record(lent()));
  EXPECT_GT(text().size(), 2000u);
}

}  // namespace
}  // namespace reeve
