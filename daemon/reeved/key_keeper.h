// KeyKeeper: the vault's keys while reeved runs: changed when the operator says so, finished at the
// next start where that was cut short; and how old they are.
//
// The master key lies outside (a credential, a file): a new one is put beside the old one by the
// operator, as [vault] next_master_key, and becomes the vault's by `reeve rotate --master`. Until
// the configuration names it as master_key, reeved opens the vault with either.
#pragma once

#include <optional>

#include "audit/audit.h"
#include "base/clock.h"
#include "config/config.h"
#include "vault/vault.h"

namespace reeve {

// 32 octets, or their 64 hexadecimal digits.
Result<Key> load_key(const SecretRef& ref, std::string_view table_key);
// The vault of that store, opened with the master key or the next one. `made`: where there is none,
// a new one may be made.
Result<std::unique_ptr<Vault>> open_vault(Loop& loop, const std::string& path,
                                          const VaultConfig& config, OpenMode mode);

class KeyKeeper final {
 public:
  KeyKeeper(const Clock& clock, Vault& vault, Audit& audit);

  struct Ages {
    int64_t epoch = 0, master = 0;  // Unix seconds: since when; of an old vault, since it is known
  };
  const Ages& since() const { return since_; }
  // Finishes what an earlier process began; writes down since when keys are known.
  Task<void> resume();

  // A new epoch; returns how many rows were sealed anew.
  Task<Result<size_t>> rotate_epoch();
  Task<Result<void>> rotate_master(const VaultConfig& config);
  // A new recovery key in the place of the old one; in hexadecimal, to be shown once.
  Task<Result<Secret>> new_recovery_key();

 private:
  Task<Result<void>> record(std::string_view what, std::string_view outcome);
  Task<Result<void>> keep_ages();

  const Clock& clock_;
  Vault& vault_;
  Audit& audit_;
  Ages since_;
  uint32_t known_epoch_ = 0;  // of since_.epoch
  bool busy_ = false;
};

}  // namespace reeve
