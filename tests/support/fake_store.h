// FakeStore: a store in memory that outlives the vaults over it, counts what is asked of it, and
// fails on demand.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "vault/store_memory.h"

namespace reeve::test {

// What a FakeStore works on; the test keeps it and gives it to one store after another.
struct StoreState {
  MemoryStore rows;
  size_t applied = 0;  // transactions that succeeded
  // How many calls still succeed; nullopt: all.
  std::optional<size_t> calls_left;
  bool fails_after_writing = false;  // the write happens, and is called a failure
  bool fails_once = false;           // the call after the failing one succeeds again

  // The rows as they are now, and back to what they were.
  std::vector<StoreChange> copy() {
    std::vector<StoreChange> all;
    static_cast<void>(rows.list(std::nullopt, [&](const RowKey& key, std::string_view row) {
      all.push_back({key, std::string(row)});
      return Result<void>();
    }));
    return all;
  }
  void restore(const std::vector<StoreChange>& all) {
    std::vector<StoreChange> changes = copy();
    for (StoreChange& one : changes) one.row.reset();
    changes.insert(changes.end(), all.begin(), all.end());
    static_cast<void>(rows.apply(changes));
  }
  void put(const RowKey& key, std::optional<std::string> row) {
    static_cast<void>(rows.apply({{key, std::move(row)}}));
  }
  std::string row(const RowKey& key) { return (*rows.get(key)).value_or(""); }
};

class FakeStore final : public Store {
 public:
  explicit FakeStore(std::shared_ptr<StoreState> state) : state_(std::move(state)) {}

  Result<std::optional<std::string>> get(const RowKey& key) override {
    if (fails()) return failure();
    return state_->rows.get(key);
  }
  Result<void> list(std::optional<Kind> kind, const Visitor& visitor) override {
    if (fails()) return failure();
    return state_->rows.list(kind, visitor);
  }
  Result<void> heads(const Visitor& visitor) override {
    if (fails()) return failure();
    return state_->rows.heads(visitor);
  }
  Result<void> apply(const std::vector<StoreChange>& changes) override {
    if (!fails()) {
      ++state_->applied;
      return state_->rows.apply(changes);
    }
    if (state_->fails_after_writing) static_cast<void>(state_->rows.apply(changes));
    return failure();
  }

 private:
  static Error failure() { return {Code::io, "the disk is on fire"}; }
  bool fails() {
    if (!state_->calls_left) return false;
    if (*state_->calls_left > 0) {
      --*state_->calls_left;
      return false;
    }
    if (state_->fails_once) state_->calls_left.reset();
    return true;
  }

  std::shared_ptr<StoreState> state_;
};

}  // namespace reeve::test
