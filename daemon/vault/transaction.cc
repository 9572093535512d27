#include "vault/transaction.h"

#include <algorithm>
#include <utility>

namespace reeve {

Transaction::Transaction(const Contents& contents)
    : contents_(contents), header_(contents.header), head_(contents.head) {}

const Row* Transaction::find(const RowKey& key) const {
  if (const auto staged = staged_.find(key); staged != staged_.end()) {
    return staged->second ? &*staged->second : nullptr;
  }
  const auto kept = contents_.rows.find(key);
  return kept == contents_.rows.end() ? nullptr : &kept->second;
}

Result<void> Transaction::judge(const Commit& commit) const {
  for (const Change& change : commit.changes) {
    if (!change.expected_generation) continue;
    const RowKey key{change.kind, change.id};
    const Row* row = find(key);
    const uint64_t generation = row == nullptr ? 0 : row->header.generation;
    if (generation != *change.expected_generation) {
      return Error{Code::conflict, row_name(key) + ": somebody else changed it first"};
    }
  }
  if (!commit.slot) return {};
  const auto same = [&](const Slot& slot) { return slot.fingerprint == commit.slot->fingerprint; };
  if (std::any_of(header_.slots.begin(), header_.slots.end(), same)) {
    return Error{Code::conflict, "this key opens the vault already"};
  }
  if (header_.slots.size() >= slot_limit) return Error{Code::limit, "the vault has no free slot"};
  return {};
}

void Transaction::stage(const RowKey& key, std::optional<Row> row) {
  const Sealer& sealer = contents_.sealer;
  if (const Row* old = find(key); old != nullptr) {
    head_.toggle(sealer.set_item(key, old->header));
    --head_.rows;
  }
  if (row) {
    head_.toggle(sealer.set_item(key, row->header));
    ++head_.rows;
  }
  staged_.insert_or_assign(key, std::move(row));
}

void Transaction::stage_slot(Slot slot, uint64_t number) {
  header_.slots.push_back(std::move(slot));
  header_.generation = number;
  stage(header_key, Row{encode_header(header_, contents_.sealer), {root_epoch, number}});
}

void Transaction::add(Commit commit, uint64_t number) {
  const Result<void> judged = judge(commit);
  if (!judged) {
    commit.done.resolve(judged.error());
    return;
  }
  const RowHeader header{head_.epoch, number};
  for (const Change& change : commit.changes) {
    const RowKey key{change.kind, change.id};
    std::optional<Row> row;
    if (change.plain) {
      row = Row{contents_.sealer.seal_row(key, header, change.plain->reveal()), header};
    }
    stage(key, std::move(row));
  }
  if (commit.slot) stage_slot(std::move(*commit.slot), number);
  head_.counter = number;
  callers_.push_back(std::move(commit.done));
}

std::vector<StoreChange> Transaction::seal_rows() {
  head_row_ = seal_head(head_, contents_.sealer);
  std::vector<StoreChange> changes;
  changes.reserve(staged_.size() + 1);
  for (const auto& [key, row] : staged_) {
    changes.push_back({key, row ? std::optional<std::string>(row->sealed) : std::nullopt});
  }
  changes.push_back({head_key, head_row_});
  return changes;
}

void Transaction::take_over(Contents& contents) {
  for (auto& [key, row] : staged_) {
    if (row) {
      contents.rows.insert_or_assign(key, std::move(*row));
    } else {
      contents.rows.erase(key);
    }
  }
  contents.header = std::move(header_);
  contents.head = head_;
  contents.head_row = std::move(head_row_);
}

void Transaction::resolve(const Result<void>& written) {
  for (Resolver<Result<void>>& caller : callers_) caller.resolve(written);
}

}  // namespace reeve
