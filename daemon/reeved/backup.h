// backup: a copy of the vault, as it is at one moment and still sealed, and back from there.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "audit/audit.h"
#include "base/fd.h"
#include "config/config.h"
#include "vault/vault.h"

namespace reeve {

// Copies the vault into a file of the directory that has no name any more: what is read from the
// descriptor is a whole vault file, which restore_backup() takes.
Task<Result<std::shared_ptr<Fd>>> copy_of(Vault& vault, std::string directory);

struct RestoreOptions {
  std::string file;      // the backup
  std::string key_file;  // a key that opens it; empty: the configured master key
};
// Puts the backup in the place of the vault, which is kept beside it under another name; for
// `reeved --restore`, while reeved does not run. What was done, as sentences for people. Where it
// fails the vault is as it was.
Result<std::vector<std::string>> restore_backup(const Config& config,
                                                const RestoreOptions& options);

// What the first start after a restore owes the audit.
Task<void> tell_of_restore(Vault& vault, Audit& audit);

}  // namespace reeve
