// Store: where the sealed rows lie: opaque octets under (kind, id), changed in transactions.
//
// A store knows no key and no format; it must only keep what it was given, whole and in order. It
// is used by one thread at a time, not always the same one (the vault writes on the thread pool).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "vault/record.h"

namespace reeve {

// May a new vault be made, or must there be one?
enum class OpenMode { create_if_empty, must_exist };

struct StoreChange {
  RowKey key;
  std::optional<std::string> row;  // nullopt erases; what is not there may be erased
};

class Store {
 public:
  // The row is lent for the call. An error ends the listing and is handed on.
  using Visitor = std::function<Result<void>(const RowKey&, std::string_view row)>;

  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  virtual Result<std::optional<std::string>> get(const RowKey& key) = 0;
  // All rows, or those of one kind, ordered by key; kinds may be foreign. The visitor must not use
  // the store.
  virtual Result<void> list(std::optional<Kind> kind, const Visitor& visitor) = 0;
  // The same of all rows, but no more than the first head_octets of each: for a look at very many.
  virtual Result<void> heads(const Visitor& visitor) = 0;
  // One transaction, in the order given: durable when it returns, or an error and nothing is
  // changed. Where the process or the machine dies before it returns, all of it is there afterwards
  // or nothing.
  virtual Result<void> apply(const std::vector<StoreChange>& changes) = 0;
};

// Copies all rows of one store into an empty one, some at a time: until the last was written the
// target is no whole vault, and none opens it.
Result<void> copy_rows(Store& from, Store& to);

}  // namespace reeve
