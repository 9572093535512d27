// The audit and the vault together: the key that signs its checkpoints is the vault's, and the
// vault remembers the last one, so that a log that was cut is known at the next start.
#pragma once

#include <memory>
#include <string>

#include "audit/audit.h"
#include "vault/vault.h"

namespace reeve {

Result<std::unique_ptr<Audit>> open_audit(Loop& loop, const Clock& clock, const Vault& vault,
                                          const std::string& path);

// Writes each checkpoint into the vault, while it lives.
class AuditHeads final {
 public:
  AuditHeads(Loop& loop, Vault& vault, Audit& audit);
  AuditHeads(const AuditHeads&) = delete;
  AuditHeads& operator=(const AuditHeads&) = delete;
  ~AuditHeads();

 private:
  void remember(const ChainPoint& point);
  Task<void> write();

  Vault& vault_;
  Audit& audit_;
  std::string newest_;
  bool writing_ = false;
  TaskSet tasks_;
};

}  // namespace reeve
