#include "vault/store_memory.h"

namespace reeve {

Result<std::optional<std::string>> MemoryStore::get(const RowKey& key) {
  const auto found = rows_.find(key);
  if (found == rows_.end()) return std::optional<std::string>();
  return std::optional<std::string>(found->second);
}

Result<void> MemoryStore::list(std::optional<Kind> kind, const Visitor& visitor) {
  for (const auto& [key, row] : rows_) {
    if (!kind || key.kind == *kind) REEVE_CHECK(visitor(key, row));
  }
  return {};
}

Result<void> MemoryStore::heads(const Visitor& visitor) {
  for (const auto& [key, row] : rows_) {
    REEVE_CHECK(visitor(key, std::string_view(row).substr(0, head_octets)));
  }
  return {};
}

Result<void> MemoryStore::apply(const std::vector<StoreChange>& changes) {
  for (const StoreChange& change : changes) {
    if (change.row) {
      rows_.insert_or_assign(change.key, *change.row);
    } else {
      rows_.erase(change.key);
    }
  }
  return {};
}

}  // namespace reeve
