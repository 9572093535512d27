// Transaction: commits judged and sealed, one after another, into one write of the store.
//
// It is laid over the vault's contents and leaves them alone; they take it over only when the store
// has it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "async/waiter.h"
#include "base/result.h"
#include "vault/contents.h"
#include "vault/record.h"
#include "vault/store.h"

namespace reeve {

// What one caller asks for, and who waits for it. A slot is added to the header.
struct Commit {
  std::vector<Change> changes;
  std::optional<Slot> slot;
  Resolver<Result<void>> done;
};

class Transaction final {
 public:
  explicit Transaction(const Contents& contents);

  // Takes the commit in, or resolves its caller with the conflict. The number becomes the
  // generation of what it writes: above every one before.
  void add(Commit commit, uint64_t number);
  bool empty() const { return staged_.empty(); }

  // The rows to write, head last. To be called once, when all is added.
  std::vector<StoreChange> seal_rows();
  // The store has it: brings the contents to it.
  void take_over(Contents& contents);
  void resolve(const Result<void>& written);

 private:
  const Row* find(const RowKey& key) const;
  Result<void> judge(const Commit& commit) const;
  void stage(const RowKey& key, std::optional<Row> row);
  void stage_slot(Slot slot, uint64_t number);

  const Contents& contents_;
  std::map<RowKey, std::optional<Row>> staged_;
  Header header_;
  Head head_;
  std::string head_row_;
  std::vector<Resolver<Result<void>>> callers_;
};

}  // namespace reeve
