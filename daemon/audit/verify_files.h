// verify_audit: an audit's files, read in order and judged (verify.h). For `reeved --audit-verify`,
// which `reeve audit verify` runs; needs no daemon and no vault.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "audit/verify.h"

namespace reeve {

struct AuditToVerify {
  std::string path;                // FILE; with it FILE.000000001234 and so on
  std::string key_file;            // empty: FILE.pub, which proves nothing against who wrote both
  std::optional<ChainPoint> head;  // what somebody else knows of its end
};

// The report as lines for people: findings "FILE:LINE: what", then what was found. valid: no
// finding.
struct AuditReport {
  bool valid = false;
  std::vector<std::string> findings, notes;
  std::string summary;
};

// An error: a file or the key cannot be read; nothing was judged.
Result<AuditReport> verify_audit(const AuditToVerify& asked);

}  // namespace reeve
