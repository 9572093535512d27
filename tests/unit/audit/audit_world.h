// AuditTest: an audit in a directory of its own, written, reopened, spoiled and verified.
#pragma once

#include <gtest/gtest.h>

#include <fstream>

#include "audit/audit.h"
#include "audit/verify_files.h"
#include "support/fake_clock.h"
#include "support/run.h"
#include "support/temp_dir.h"

namespace reeve::test {

class AuditTest : public testing::Test {
 protected:
  std::string path() const { return directory_ / "audit.jsonl"; }
  std::string text() const { return read_whole(path()); }
  void write(const std::string& bytes, const std::string& to = "") const {
    std::ofstream(to.empty() ? path() : to, std::ios::binary) << bytes;
  }
  Result<std::unique_ptr<Audit>> open(ChainPoint known = {}, const std::string& journal = "") {
    return Audit::open(loop_, clock_, {path(), key(), std::move(known), journal});
  }
  static SigningKey key() { return SigningKey::from_seed(*Key::from_bytes(std::string(32, 's'))); }
  static Event lent(std::string_view actor = "") {
    Event event;
    event.name = "token.lent";
    event.actor = actor;
    event.issuer = "https://issuer.example";
    event.subject = "alice\n\"";
    event.provider = "github";
    event.outcome = "ok";
    return event;
  }
  // A log of that many records between the first and the last checkpoint.
  void make_log(int records) {
    auto audit = open();
    ASSERT_TRUE(audit) << audit.error().text;
    for (int i = 0; i < records; ++i) ASSERT_TRUE((*audit)->record(lent()));
  }
  AuditReport verify(std::optional<ChainPoint> head = std::nullopt) const {
    auto report = verify_audit({path(), "", std::move(head)});
    EXPECT_TRUE(report) << (report ? "" : report.error().text);
    return report ? std::move(*report) : AuditReport{};
  }
  static std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (size_t from = 0; from < text.size();) {
      const size_t end = text.find('\n', from);
      lines.push_back(text.substr(from, end - from));
      if (end == std::string::npos) break;
      from = end + 1;
    }
    return lines;
  }
  static std::string joined(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + '\n';
    return text;
  }

  TempDir directory_;
  Loop loop_;
  FakeClock clock_;
};

}  // namespace reeve::test
