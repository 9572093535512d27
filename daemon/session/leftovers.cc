#include "session/leftovers.h"

namespace reeve {

std::vector<Change> Leftovers::erasures() {
  std::vector<Change> changes;
  std::erase_if(ids_, [&](const RecordId& id) {
    const auto record = vault_.get(kind_, id);
    if (record && !*record) return true;
    changes.push_back({kind_, id, std::nullopt, std::nullopt});
    return false;
  });
  return changes;
}

}  // namespace reeve
