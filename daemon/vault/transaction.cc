#include "vault/transaction.h"

#include <algorithm>
#include <cassert>
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
  if (header_.slots.size() >= slot_limit && !commit.sole_slot)
    return Error{Code::limit, "the vault has no free slot"};
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

void Transaction::stage_slot(Slot slot, bool sole, uint64_t number) {
  if (sole) std::erase_if(header_.slots, [&](const Slot& old) { return old.kind == slot.kind; });
  header_.slots.push_back(std::move(slot));
  header_.generation = number;
  stage(header_key, Row{encode_header(header_, contents_.sealer), {root_epoch, number}});
}

void Transaction::stage_keys(const Commit& commit, uint64_t number) {
  const Sealer& sealer = contents_.sealer;
  const RowHeader own{root_epoch, number};
  if (commit.epoch) {
    const RowKey key{Kind::epoch_key, sealer.epoch_id(*commit.epoch)};
    stage(key, Row{sealer.seal_row(key, own, sealer.epoch_record(*commit.epoch).reveal()), own});
    head_.epoch = *commit.epoch;
  }
  for (const uint32_t epoch : commit.epochs_gone) {
    assert(epoch != head_.epoch && epoch != root_epoch);
    stage({Kind::epoch_key, sealer.epoch_id(epoch)}, std::nullopt);
    epochs_gone_.push_back(epoch);
  }
}

Result<std::vector<std::pair<RowKey, Row>>> Transaction::rewrapped(
    const std::vector<std::pair<RowKey, std::string>>& rows) const {
  std::vector<std::pair<RowKey, Row>> anew;
  for (const auto& [key, sealed] : rows) {
    const Row* const row = find(key);
    if (row == nullptr || row->header.epoch == head_.epoch || row->header.epoch == root_epoch)
      continue;
    REEVE_TRY(const RowHeader read, Sealer::read_header(key, sealed));
    if (read != row->header) continue;
    REEVE_TRY(const Secret plain, contents_.sealer.open_row(key, sealed));
    const RowHeader header{head_.epoch, read.generation, read.labels};
    anew.emplace_back(key, Row{contents_.sealer.seal_row(key, header, plain.reveal()), header});
  }
  return anew;
}

void Transaction::add(Commit commit, uint64_t number) {
  const Result<void> judged = judge(commit);
  if (!judged) {
    commit.done.resolve(judged.error());
    return;
  }
  auto anew = rewrapped(commit.rewrap);
  if (!anew) {
    commit.done.resolve(anew.error());
    return;
  }
  for (auto& [key, row] : *anew) stage(key, std::move(row));
  stage_keys(commit, number);
  for (const Change& change : commit.changes) {
    const RowKey key{change.kind, change.id};
    std::optional<Row> row;
    if (change.plain) {
      const RowHeader header{head_.epoch, number, change.labels};
      row = Row{contents_.sealer.seal_row(key, header, change.plain->reveal()), header};
    }
    stage(key, std::move(row));
  }
  if (commit.slot) stage_slot(std::move(*commit.slot), commit.sole_slot, number);
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
    if (!row) {
      contents.rows.erase(key);
      continue;
    }
    if (contents.keep != Keep::everything && lies_in_store(key.kind)) row->sealed = std::string();
    contents.rows.put(key, std::move(*row));
  }
  for (const uint32_t epoch : epochs_gone_) contents.sealer.forget_epoch(epoch);
  contents.header = std::move(header_);
  contents.head = head_;
  contents.head_row = std::move(head_row_);
}

void Transaction::resolve(const Result<void>& written) {
  for (Resolver<Result<void>>& caller : callers_) caller.resolve(written);
}

}  // namespace reeve
