// Transaction: commits judged and sealed, one after another, into one write of the store.
//
// It is laid over the vault's contents and leaves them alone; they take it over only when the store
// has it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "async/waiter.h"
#include "base/result.h"
#include "vault/contents.h"
#include "vault/record.h"
#include "vault/store.h"

namespace reeve {

// What one caller asks for, and who waits for it.
struct Commit {
  std::vector<Change> changes;
  std::optional<Slot> slot;  // added to the header
  bool sole_slot = false;    // in the place of all others of its kind
  // Begins: the head names it, its key is kept. The sealer knows it already.
  std::optional<uint32_t> epoch;
  // Rows, as they are in the store, to be sealed under the present epoch where they are still the
  // same; nothing else of them changes, their generation neither.
  std::vector<std::pair<RowKey, std::string>> rewrap;
  // Keys that nothing is sealed under any more.
  std::vector<uint32_t> epochs_gone;
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
  void stage_slot(Slot slot, bool sole, uint64_t number);
  void stage_keys(const Commit& commit, uint64_t number);
  Result<std::vector<std::pair<RowKey, Row>>> rewrapped(
      const std::vector<std::pair<RowKey, std::string>>& rows) const;

  const Contents& contents_;
  std::map<RowKey, std::optional<Row>> staged_;
  Header header_;
  Head head_;
  std::string head_row_;
  std::vector<uint32_t> epochs_gone_;
  std::vector<Resolver<Result<void>>> callers_;
};

}  // namespace reeve
