// MemoryStore: a store that forgets: for tests, and for a daemon that is to keep nothing.
#pragma once

#include <map>

#include "vault/store.h"

namespace reeve {

class MemoryStore final : public Store {
 public:
  Result<std::optional<std::string>> get(const RowKey& key) override;
  Result<void> list(std::optional<Kind> kind, const Visitor& visitor) override;
  Result<void> heads(const Visitor& visitor) override;
  Result<void> apply(const std::vector<StoreChange>& changes) override;

 private:
  std::map<RowKey, std::string> rows_;
};

}  // namespace reeve
