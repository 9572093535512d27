// Each record of a log spoiled in each way: found, at its place.
#include "audit/verify.h"

#include "audit_world.h"
#include "base/json.h"

namespace reeve {
namespace {

class Verify : public test::AuditTest {
 protected:
  void SetUp() override {
    make_log(6);
    whole_ = lines_of(text());
    ASSERT_TRUE(verify().valid);
  }
  // The first finding after the lines were changed to these.
  std::string found(const std::vector<std::string>& lines) {
    write(joined(lines));
    const AuditReport report = verify();
    return report.valid ? "" : report.findings.front().substr(path().size());
  }
  // The findings of a text, without a file.
  static std::vector<AuditFinding> findings(const std::string& text, const std::string& head) {
    AuditVerifier verifier(key().public_key());
    const auto point = split_line(head);
    verifier.expect({point->sequence, point->chain}, "head");
    size_t from = 0;
    for (size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n', from)) {
      verifier.line(std::string_view(text).substr(from, end - from), true);
      from = end + 1;
    }
    if (from < text.size()) verifier.line(std::string_view(text).substr(from), false);
    verifier.finish();
    return verifier.findings();
  }
  // The same, with the chain made anew from a line on, as one can who has no key.
  static std::vector<std::string> rechained(std::vector<std::string> lines, size_t from) {
    std::string chain = from == 0 ? std::string(32, '\0') : split_line(lines[from - 1])->chain;
    for (size_t i = from; i < lines.size(); ++i) {
      const std::string body(split_line(lines[i])->body);
      chain = next_chain(chain, body);
      lines[i] = close_line(body, chain);
      lines[i].pop_back();
    }
    return lines;
  }
  static std::string forged(std::string line) {
    const size_t at = line.find("github");
    if (at != std::string::npos) line.replace(at, 6, "gitlab");
    else line.replace(line.find("\"time\":") + 7, 1, "9");
    return line;
  }
  std::vector<std::string> whole_;
};

TEST_F(Verify, finds_every_octet_changed) {
  const std::string before = joined(whole_);
  size_t line = 1;
  for (size_t i = 0; i < before.size(); ++i) {
    std::string changed = before;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    const auto found = findings(changed, whole_.back());
    ASSERT_FALSE(found.empty()) << i;
    // At the line itself, or where a newline fell, at one beside it.
    EXPECT_NEAR(static_cast<double>(found.front().line), static_cast<double>(line), 1)
        << found.front().what;
    if (before[i] == '\n') ++line;
  }
}

TEST_F(Verify, finds_every_record_dropped) {
  for (size_t i = 0; i < whole_.size(); ++i) {
    std::vector<std::string> lines = whole_;
    lines.erase(lines.begin() + static_cast<ptrdiff_t>(i));
    const std::string number = std::to_string(i + 1);
    const std::string at = i + 1 < whole_.size() ? number : std::to_string(i);
    const std::string finding = found(lines);
    EXPECT_TRUE(finding.starts_with(":" + at + ": record " + number)) << finding;
    EXPECT_NE(finding.find("missing"), std::string::npos) << finding;
    if (i == 0 || i + 1 == whole_.size()) continue;
    EXPECT_NE(found(rechained(lines, i)), "");
  }
}

TEST_F(Verify, finds_records_exchanged_doubled_and_put_in) {
  for (size_t i = 0; i + 1 < whole_.size(); ++i) {
    std::vector<std::string> lines = whole_;
    std::swap(lines[i], lines[i + 1]);
    const std::string at = ":" + std::to_string(i + 1) + ": ";
    EXPECT_TRUE(found(lines).starts_with(at)) << found(lines);
    lines = whole_;
    lines.insert(lines.begin() + static_cast<ptrdiff_t>(i) + 1, lines[i]);
    EXPECT_TRUE(found(lines).starts_with(":" + std::to_string(i + 2) + ": ")) << found(lines);
    lines = whole_;
    lines.insert(lines.begin() + static_cast<ptrdiff_t>(i), "{\"event\":\"token.lent\"}");
    EXPECT_TRUE(found(lines).starts_with(at + "is no audit record")) << found(lines);
  }
}

TEST_F(Verify, finds_a_cut_at_every_octet) {
  const std::string before = joined(whole_);
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_FALSE(findings(before.substr(0, i), whole_.back()).empty()) << i;
  }
}

// Whoever writes the file but has no key can make the chain anew; the next signature shows it.
TEST_F(Verify, finds_a_record_changed_with_the_chain_made_anew) {
  for (size_t i = 0; i < whole_.size(); ++i) {
    std::vector<std::string> lines = whole_;
    lines[i] = forged(lines[i]);
    EXPECT_NE(found(rechained(lines, i)), "") << i;
  }
}

TEST_F(Verify, knows_a_cut_by_the_head_it_is_told) {
  const auto last = split_line(whole_.back());
  const ChainPoint head{last->sequence, last->chain};
  ::unlink((path() + ".head").c_str());
  for (size_t keep = 1; keep < whole_.size(); ++keep) {
    std::vector<std::string> lines(whole_.begin(), whole_.begin() + static_cast<ptrdiff_t>(keep));
    write(joined(lines));
    const AuditReport report = verify(head);
    ASSERT_FALSE(report.valid) << keep;
    EXPECT_NE(report.findings.front().find(" at the end are missing: reeved knows record 8"),
              std::string::npos)
        << report.findings.front();
  }
  EXPECT_FALSE(verify(ChainPoint{3, std::string(32, 'x')}).valid);
}

TEST_F(Verify, names_a_log_signed_with_another_key) {
  write(public_key_pem(SigningKey::random().public_key()), path() + ".pub");
  EXPECT_NE(found(whole_).find(":1: signed with another key"), std::string::npos);
}

TEST_F(Verify, says_what_it_cannot_read) {
  const auto no_key = verify_audit({path(), directory_ / "none", std::nullopt});
  ASSERT_FALSE(no_key);
  EXPECT_NE(no_key.error().text.find("public key"), std::string::npos);
  write("no key", directory_ / "bad.pub");
  EXPECT_FALSE(verify_audit({path(), directory_ / "bad.pub", std::nullopt}));
  ::unlink(path().c_str());
  EXPECT_FALSE(verify_audit({path(), "", std::nullopt}));
}

TEST_F(Verify, a_checkpoint_without_signature_is_none) {
  std::vector<std::string> lines = whole_;
  for (const size_t i : {size_t{0}, whole_.size() - 1}) {
    lines = whole_;
    const std::string body(split_signature(split_line(lines[i])->body)->said);
    lines[i] = close_line(body, std::string(32, 'c'));
    lines[i].pop_back();
    EXPECT_NE(found(rechained(lines, i)), "");
  }
}

}  // namespace
}  // namespace reeve
