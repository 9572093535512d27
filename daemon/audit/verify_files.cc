#include "audit/verify_files.h"

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>

#include "audit/audit_file.h"
#include "base/encoding.h"

namespace reeve {
namespace {

struct Close {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
struct Free {
  void operator()(char* text) const { std::free(text); }  // NOLINT: getline's
};

Result<void> read_lines(const std::string& path, AuditVerifier& verifier) {
  const std::unique_ptr<std::FILE, Close> file(std::fopen(path.c_str(), "re"));
  if (file == nullptr) return errno_error("audit file " + path, errno);
  verifier.begin_file(path);
  char* raw = nullptr;
  size_t room = 0;
  ssize_t count = 0;
  errno = 0;
  while ((count = ::getline(&raw, &room, file.get())) > 0) {
    std::string_view line(raw, static_cast<size_t>(count));
    const bool whole = line.ends_with('\n');
    if (whole) line.remove_suffix(1);
    verifier.line(line, whole);
  }
  const std::unique_ptr<char, Free> freed(raw);
  if (std::ferror(file.get()) != 0) return errno_error("audit file " + path, errno);
  return {};
}

Result<std::string> read_key(const std::string& path) {
  auto text = read_file(path, size_t{64} * 1024);
  if (!text) return in("the audit's public key " + path, std::move(text).error());
  auto key = read_public_key_pem(*text);
  if (!key) return Error{Code::invalid, path + " holds no Ed25519 public key in PEM"};
  return std::move(*key);
}

void expect_head_beside(const std::string& path, AuditVerifier& verifier) {
  auto text = read_file(path, size_t{64} * 1024);
  if (!text) return;
  if (text->ends_with('\n')) text->pop_back();
  // That it is signed is seen where its record is found.
  if (const auto line = split_line(*text))
    verifier.expect({line->sequence, line->chain}, std::filesystem::path(path).filename().string());
}

std::vector<std::string> told(const std::vector<AuditFinding>& list) {
  std::vector<std::string> lines;
  lines.reserve(list.size());
  for (const AuditFinding& one : list)
    lines.push_back(one.file + ":" + std::to_string(one.line) + ": " + one.what);
  return lines;
}

}  // namespace

Result<AuditReport> verify_audit(const AuditToVerify& asked) {
  const std::string key_file = asked.key_file.empty() ? asked.path + ".pub" : asked.key_file;
  REEVE_TRY(std::string key, read_key(key_file));
  AuditVerifier verifier(std::move(key));
  expect_head_beside(asked.path + ".head", verifier);
  if (asked.head) verifier.expect(*asked.head, "reeved");
  for (const std::string& path : files_put_aside(asked.path)) {
    REEVE_CHECK(read_lines(path, verifier));
  }
  REEVE_CHECK(read_lines(asked.path, verifier));
  verifier.finish();
  AuditReport report;
  report.findings = told(verifier.findings());
  report.notes = told(verifier.notes());
  report.valid = report.findings.empty();
  report.summary = std::to_string(verifier.records()) + " records, the last " +
                   to_text(verifier.end()) + ", signed up to record " +
                   std::to_string(verifier.last_signed());
  if (!asked.head) {
    report.notes.push_back("what was cut off behind record " +
                           std::to_string(verifier.last_signed()) +
                           " could be told only by reeved, which was not asked");
  }
  return report;
}

}  // namespace reeve
