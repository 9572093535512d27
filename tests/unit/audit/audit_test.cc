#include "audit/audit.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/json.h"
#include "support/fake_clock.h"
#include "support/run.h"

namespace reeve {
namespace {

class AuditTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_NE(::mkdtemp(directory_), nullptr); }
  void TearDown() override {
    ::unlink(path().c_str());
    ::rmdir(directory_);
  }
  std::string path() const { return std::string(directory_) + "/audit.jsonl"; }
  std::string text() const { return *read_file(path(), 1 << 20); }

  char directory_[32] = "/tmp/reeve-audit.XXXXXX";
  Loop loop_;
  test::FakeClock clock_;
};

Event lent(std::string_view actor) {
  Event event;
  event.name = "token.lent";
  event.actor = actor;
  event.issuer = "https://issuer.example";
  event.subject = "alice\n\"";
  event.provider = "github";
  event.outcome = "ok";
  return event;
}

TEST_F(AuditTest, writes_one_json_line_a_record) {
  auto audit = Audit::open(loop_, clock_, path());
  ASSERT_TRUE(audit);
  const std::string actor = render_actor({"bot", {{"uid", "7"}, {"unit", "a.service"}}, "agent"});
  ASSERT_TRUE((*audit)->record(lent(actor)));
  const auto synced = test::run(loop_, (*audit)->record_synced(lent("")));
  ASSERT_TRUE(synced);
  const std::string all = text();
  const size_t end = all.find('\n');
  const auto first = parse_json(all.substr(0, end));
  ASSERT_TRUE(first);
  EXPECT_EQ(first->text("event"), "token.lent");
  EXPECT_EQ(first->text("workload"), "bot");
  EXPECT_EQ(first->find("peer")->text("uid"), "7");
  EXPECT_EQ(first->find("user")->text("subject"), "alice\n\"");
  const auto second = parse_json(all.substr(end + 1, all.size() - end - 2));
  ASSERT_TRUE(second);
  EXPECT_EQ(second->integer("sequence"), 2);
  struct stat status {};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600u);
}

TEST_F(AuditTest, ends_a_half_line_of_a_crash) {
  const Fd fd(::open(path().c_str(), O_WRONLY | O_CREAT, 0600));
  ASSERT_EQ(::write(fd.get(), "{\"half", 6), 6);
  auto audit = Audit::open(loop_, clock_, path());
  ASSERT_TRUE(audit);
  ASSERT_TRUE((*audit)->record(lent("")));
  EXPECT_TRUE(text().starts_with("{\"half\n{"));
}

TEST_F(AuditTest, says_when_it_cannot_write) {
  Audit audit(loop_, clock_, Fd(::open("/dev/full", O_WRONLY)));
  const auto recorded = audit.record(lent(""));
  ASSERT_FALSE(recorded);
  EXPECT_EQ(recorded.error().code, Code::unavailable);
  EXPECT_FALSE(Audit::open(loop_, clock_, std::string(directory_) + "/no/such"));
}

}  // namespace
}  // namespace reeve
