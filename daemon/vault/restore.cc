#include "vault/restore.h"

#include <algorithm>
#include <utility>

#include "vault/transaction.h"

namespace reeve {
namespace {

bool is_kept(Kind kind) { return kind == Kind::grant || kind == Kind::access_token; }

bool ends(Kind kind) {
  return kind == Kind::session || kind == Kind::consent || kind == Kind::browser ||
         kind == Kind::intent;
}

Change erasure(const RowKey& key) { return {key.kind, key.id, std::nullopt, std::nullopt}; }

// What becomes of one grant or token of the backup.
Result<void> judge(const RestoreParts& parts, const RowKey& key, const Row& row, Commit& commit,
                   Restored& restored) {
  const bool grant = key.kind == Kind::grant;
  const Contents* source = &parts.backup;
  const Row* kept = &row;
  if (parts.old != nullptr) {
    const auto found = parts.old->rows.find(key);
    if (found == parts.old->rows.end()) {
      commit.changes.push_back(erasure(key));
      if (grant) ++restored.taken_back;
      return {};
    }
    if (found->second.header.generation > row.header.generation) {
      source = parts.old;
      kept = &found->second;
    }
  }
  REEVE_TRY(Secret plain, source->sealer.open_row(key, kept->sealed));
  if (parts.revoked && parts.revoked(key.kind, plain)) {
    commit.changes.push_back(erasure(key));
    if (grant) ++restored.taken_back;
    return {};
  }
  if (grant) ++restored.grants;
  if (source == parts.old) {
    ++restored.newer;
    commit.changes.push_back(
        {key.kind, key.id, std::move(plain), std::nullopt, kept->header.labels});
  }
  return {};
}

Result<Commit> plan(RestoreParts& parts, Restored& restored) {
  Commit commit;
  for (const auto& [key, row] : parts.backup.rows) {
    if (is_kept(key.kind)) REEVE_CHECK(judge(parts, key, row, commit, restored));
    if (!ends(key.kind)) continue;
    ++restored.ended;
    commit.changes.push_back(erasure(key));
  }
  if (parts.note) commit.changes.push_back(std::move(*parts.note));
  if (parts.master == nullptr) return commit;
  const Sealer& sealer = parts.backup.sealer;
  Slot slot = make_slot(SlotKind::service, sealer.vault_id(), *parts.master, sealer.root());
  const std::vector<Slot>& slots = parts.backup.header.slots;
  const bool there = std::any_of(slots.begin(), slots.end(), [&](const Slot& known) {
    return known.fingerprint == slot.fingerprint;
  });
  if (!there) {
    commit.slot = std::move(slot);
    commit.sole_slot = true;
  }
  return commit;
}

}  // namespace

Result<Restored> restore(RestoreParts parts, Store& target) {
  if (parts.old != nullptr && parts.old->sealer.vault_id() != parts.backup.sealer.vault_id()) {
    return Error{Code::invalid, "the backup is of another vault than the one in its place"};
  }
  Restored restored;
  REEVE_TRY(Commit commit, plan(parts, restored));
  uint64_t number = parts.backup.head.counter;
  if (parts.old != nullptr) number = std::max(number, parts.old->head.counter);
  Transaction transaction(parts.backup);
  transaction.add(std::move(commit), number + 1);
  transaction.seal_rows();
  transaction.take_over(parts.backup);
  std::vector<StoreChange> rows;
  for (const auto& [key, row] : parts.backup.rows) rows.push_back({key, row.sealed});
  rows.push_back({head_key, parts.backup.head_row});
  REEVE_CHECK(target.apply(rows));
  return restored;
}

}  // namespace reeve
