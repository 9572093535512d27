// AuditLog: where the audit's files lie, as the daemon says or else by default; and their lines.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "cli/json.h"
#include "cli/options.h"

namespace reeve::cli {

struct AuditLog {
  std::string file;
  // Of a daemon that runs; nothing where none does, or a file was named.
  std::optional<std::string> public_key, end;
};

AuditLog find_audit_log(const Options& options);

// Each record, oldest first, over all files that were put aside and the present one. What is no
// JSON is skipped: `reeve audit verify` tells of it. Throws Failure if a file cannot be read.
void each_record(const std::string& file, const std::function<void(const Value&)>& take);

}  // namespace reeve::cli
