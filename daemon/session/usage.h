// Usage: when each grant was used last, and by which workload, over restarts.
//
// Lending only writes to memory (Grant::used_at, used_by). From there it is kept with the
// maintenance, once a minute at most, in records of its own: so it costs the hot path nothing,
// and can neither delay nor undo what a refresh writes. A crash loses the last minute of it.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "session/grants.h"

namespace reeve {

class Usage final {
 public:
  Usage(Vault& vault, Grants& grants) : vault_(vault), grants_(grants) {}

  // Gives the grants what was kept of them, those in memory now and others as they are read.
  void load();
  // For the vault: what was used since the last time, what is gone. Empty within a minute.
  std::vector<Change> changes(int64_t unix_seconds);

 private:
  struct Kept {
    RecordId record{};
    int64_t used_at = 0;
  };
  RecordId record_id(const Grant& grant) const;
  void give(Grant& grant, bool stays);

  Vault& vault_;
  Grants& grants_;
  std::unordered_map<std::string, Kept> kept_;  // by the grant's id
  int64_t looked_at_ = 0;
};

}  // namespace reeve
