#include "session/leftovers.h"

#include <utility>

namespace reeve {

std::vector<Change> Leftovers::erasures() {
  std::vector<Change> changes;
  for (auto entry = ids_.begin(); entry != ids_.end();) {
    bool gone = false;
    if (std::exchange(entry->second, true)) {
      const auto record = vault_.get(kind_, entry->first);
      gone = record && !*record;
    }
    if (gone) {
      entry = ids_.erase(entry);
    } else {
      changes.push_back({kind_, entry->first, std::nullopt, std::nullopt});
      ++entry;
    }
  }
  return changes;
}

}  // namespace reeve
