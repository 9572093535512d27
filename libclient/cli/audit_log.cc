#include "cli/audit_log.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "cli/daemon.h"
#include "cli/failure.h"
#include "cli/terminal.h"

namespace reeve::cli {
namespace {

constexpr const char* kDefaultFile = "/var/lib/reeve/audit.jsonl";
constexpr size_t kDigits = 12;  // of the number that a file put aside bears

std::vector<std::string> all_files(const std::string& file) {
  std::vector<std::string> files;
  const std::filesystem::path path(file);
  const std::string prefix = path.filename().string() + ".";
  std::error_code failure;
  const auto directory = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  for (const auto& entry : std::filesystem::directory_iterator(directory, failure)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind(prefix, 0) != 0 || name.size() != prefix.size() + kDigits) continue;
    if (name.find_first_not_of("0123456789", prefix.size()) == std::string::npos)
      files.push_back(entry.path().string());
  }
  std::sort(files.begin(), files.end());
  files.push_back(file);
  return files;
}

}  // namespace

AuditLog find_audit_log(const Options& options) {
  AuditLog log;
  if (options.audit.file) {
    log.file = *options.audit.file;
    return log;
  }
  try {
    const Value reply = Daemon(Daemon::Door::admin, options).call("AuditLog");
    log.file = reply.need_text("file");
    log.public_key = reply.need_text("public_key");
    log.end = reply.need_text("end");
  } catch (const Failure& failure) {
    if (failure.code == REEVE_OK) throw;  // it answered, and said no
    log.file = kDefaultFile;
  }
  return log;
}

void each_record(const std::string& file, const std::function<void(const Value&)>& take) {
  for (const std::string& name : all_files(file)) {
    std::ifstream lines(name);
    if (!lines) throw Failure(kFailed, plain(name) + ": " + std::strerror(errno));
    for (std::string line; std::getline(lines, line);) {
      try {
        take(Value::parse(line));
      } catch (const Failure&) {
      }
    }
  }
}

}  // namespace reeve::cli
