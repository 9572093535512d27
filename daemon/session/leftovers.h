// Leftovers: records that are over in memory and may still lie in the vault.
//
// What ends, ends in memory at once; if the write that erases its record fails, the record must not
// come back to life after a restart. So its id stays here until the vault has it no more.
#pragma once

#include <map>
#include <vector>

#include "vault/vault.h"

namespace reeve {

class Leftovers final {
 public:
  Leftovers(const Vault& vault, Kind kind) : vault_(vault), kind_(kind) {}

  void add(const RecordId& id) { ids_[id] = false; }
  // The changes that erase what was added since the last call (its record may just be on its way),
  // and what the vault still has of the rest.
  std::vector<Change> erasures();

 private:
  const Vault& vault_;
  const Kind kind_;
  std::map<RecordId, bool> ids_;  // true: was among erasures() before
};

}  // namespace reeve
