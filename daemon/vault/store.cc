#include "vault/store.h"

#include <utility>

namespace reeve {
namespace {

constexpr size_t kRows = 4096;

}  // namespace

Result<void> copy_rows(Store& from, Store& to) {
  bool empty = true;
  REEVE_CHECK(to.list(std::nullopt, [&](const RowKey&, std::string_view) {
    empty = false;
    return Result<void>();
  }));
  if (!empty) return Error{Code::conflict, "the copy's place is not empty"};
  std::vector<StoreChange> batch;
  REEVE_CHECK(from.list(std::nullopt, [&](const RowKey& key, std::string_view row) -> Result<void> {
    batch.push_back({key, std::string(row)});
    if (batch.size() < kRows) return {};
    return to.apply(std::exchange(batch, {}));
  }));
  return to.apply(batch);
}

}  // namespace reeve
