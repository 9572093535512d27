#include "vault/vault.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "async/timer.h"
#include "async/work.h"
#include "crypto/kdf.h"

namespace reeve {
namespace {

constexpr size_t kRewrapRows = 128;  // a millisecond or two on the loop
constexpr size_t kSeenRows = 8192;   // of those that need it not
constexpr size_t kLabelRows = 1024;  // of a transaction at the start
constexpr int kReadings = 3;         // of a row that is not as it should be, until it is believed

// Runs on the thread pool. A store whose head is not the one this vault wrote last was written by
// somebody else, or kept a write it called failed: to write over it would lose rows without a
// trace.
Result<void> write(Store& store, const std::string& head_row,
                   const std::vector<StoreChange>& changes) {
  REEVE_TRY(const std::optional<std::string> found, store.get(head_key));
  if (found != head_row) {
    return Error{Code::corrupt, "the store is not as the vault left it: restart reeved"};
  }
  return store.apply(changes);
}

}  // namespace

Result<std::unique_ptr<Vault>> Vault::open(Loop& loop, std::unique_ptr<Store> store,
                                           const Key& master, OpenMode mode) {
  constexpr Keep keep = Keep::what_lies_in_memory;
  Result<Contents> contents = load(*store, master, keep);
  if (!contents && contents.error().code == Code::not_found && mode == OpenMode::create_if_empty) {
    REEVE_CHECK(create(*store, master));
    contents = load(*store, master, keep);
  }
  if (!contents) return std::move(contents).error();
  return std::make_unique<Vault>(loop, std::move(store), *std::move(contents));
}

Vault::Vault(Loop& loop, std::unique_ptr<Store> store, Contents contents)
    : loop_(loop),
      store_(std::move(store)),
      contents_(std::move(contents)),
      last_number_(contents_.head.counter) {}

Vault::~Vault() = default;

RecordId Vault::id(Kind kind, std::initializer_list<std::string_view> parts) const {
  return contents_.sealer.id(kind, parts);
}

Label Vault::label(std::initializer_list<std::string_view> parts) const {
  return contents_.sealer.label(parts);
}

Label Vault::mark(std::string_view name) const { return contents_.sealer.mark(name); }

Key Vault::key(std::string_view purpose) const {
  return derive(contents_.sealer.root(), "use", std::string(vault_id()) + std::string(purpose));
}

Result<std::optional<Record>> Vault::get(Kind kind, const RecordId& id) const {
  assert(kind > Kind::epoch_key && !lies_in_store(kind));
  const RowKey key{kind, id};
  const auto found = contents_.rows.find(key);
  if (found == contents_.rows.end()) return std::optional<Record>();
  REEVE_TRY(Secret plain, contents_.sealer.open_row(key, found->second.sealed));
  return std::optional<Record>(Record{std::move(plain), found->second.header.generation});
}

Result<void> Vault::for_each(Kind kind, const Visitor& visitor) const {
  assert(kind > Kind::epoch_key && !lies_in_store(kind));
  for (auto row = contents_.rows.lower_bound({kind, {}});
       row != contents_.rows.end() && row->first.kind == kind; ++row) {
    REEVE_TRY(Secret plain, contents_.sealer.open_row(row->first, row->second.sealed));
    REEVE_CHECK(visitor(row->first.id, Record{std::move(plain), row->second.header.generation}));
  }
  return {};
}

std::vector<RecordId> Vault::ids_after(Kind kind, std::optional<RecordId> after,
                                       size_t most) const {
  std::vector<RecordId> ids;
  auto row = contents_.rows.lower_bound({kind, after.value_or(RecordId())});
  if (after && row != contents_.rows.end() && row->first == RowKey{kind, *after}) ++row;
  for (; row != contents_.rows.end() && row->first.kind == kind && ids.size() < most; ++row) {
    ids.push_back(row->first.id);
  }
  return ids;
}

std::optional<uint64_t> Vault::generation(Kind kind, const RecordId& id) const {
  const auto row = contents_.rows.find({kind, id});
  if (row == contents_.rows.end()) return std::nullopt;
  return row->second.header.generation;
}

Labels Vault::labels(Kind kind, const RecordId& id) const {
  const auto row = contents_.rows.find({kind, id});
  return row == contents_.rows.end() ? Labels() : row->second.header.labels;
}

// Those that are none of the vault's any more are taken out.
Result<void> Vault::check_stored(const std::vector<RowKey>& keys, StoredRows& rows) const {
  for (size_t at = 0; at < keys.size(); ++at) {
    const auto known = contents_.rows.find(keys[at]);
    if (known == contents_.rows.end()) rows[at].reset();
    else REEVE_CHECK(check_read_row(known->second, keys[at], rows[at]));
  }
  return {};
}

// Rows as the store has them, between two writes.
Task<Result<Vault::StoredRows>> Vault::stored(std::vector<RowKey> keys) {
  // Again where it is not what was written: a commit may have come between the answer and us.
  for (int reading = 1;; ++reading) {
    auto rows = std::make_shared<StoredRows>();
    Reader reader = [keys, rows](Store& store) -> Result<void> {
      for (const RowKey& key : keys) {
        REEVE_TRY(std::optional<std::string> row, store.get(key));
        rows->push_back(std::move(row));
      }
      return {};
    };
    CO_CHECK(co_await between_writes(std::move(reader)));
    Result<void> checked = check_stored(keys, *rows);
    if (checked) co_return std::move(*rows);
    if (reading == kReadings) co_return std::move(checked).error();
  }
}

Task<Result<Vault::Records>> Vault::read(Kind kind, std::vector<RecordId> ids) {
  assert(lies_in_store(kind));
  std::vector<RowKey> keys;
  keys.reserve(ids.size());
  for (const RecordId& id : ids) keys.push_back({kind, id});
  CO_TRY(const StoredRows rows, co_await stored(keys));
  Records records;
  for (size_t at = 0; at < keys.size(); ++at) {
    records.emplace_back();
    if (!rows[at]) continue;
    CO_TRY(Secret plain, contents_.sealer.open_row(keys[at], *rows[at]));
    CO_TRY(const RowHeader header, Sealer::read_header(keys[at], *rows[at]));
    records.back() = Record{std::move(plain), header.generation};
  }
  co_return records;
}

Result<void> Vault::label_some(Kind kind, const std::vector<RecordId>& ids,
                               const Labeller& labels_of) {
  Commit commit;
  for (const RecordId& id : ids) {
    const RowKey key{kind, id};
    REEVE_TRY(const std::optional<std::string> row, store_->get(key));
    REEVE_CHECK(check_read_row(contents_.rows.at(key), key, row));
    REEVE_TRY(Secret plain, contents_.sealer.open_row(key, *row));
    REEVE_TRY(Labels labels, labels_of(plain));
    if (labels.empty()) continue;
    commit.changes.push_back({kind, id, std::move(plain), std::nullopt, std::move(labels)});
  }
  if (commit.changes.empty()) return {};
  Transaction transaction(contents_);
  transaction.add(std::move(commit), ++last_number_);
  REEVE_CHECK(write(*store_, contents_.head_row, transaction.seal_rows()));
  transaction.take_over(contents_);
  return {};
}

Result<void> Vault::label_all(Kind kind, const Labeller& labels_of) {
  assert(lies_in_store(kind) && !writing_);
  if (contents_.rows.bare(kind) == 0) return {};
  std::optional<RecordId> after;
  for (;;) {
    std::vector<RecordId> some = ids_after(kind, after, kLabelRows);
    if (some.empty()) return {};
    after = some.back();
    std::erase_if(some, [&](const RecordId& id) {
      return !contents_.rows.at({kind, id}).header.labels.empty();
    });
    REEVE_CHECK(label_some(kind, some, labels_of));
  }
}

Task<Result<void>> Vault::commit(std::vector<Change> changes) {
  for (const Change& change : changes) assert(change.kind > Kind::epoch_key);
  Commit commit;
  commit.changes = std::move(changes);
  return enqueue(std::move(commit));
}

Task<Result<void>> Vault::add_slot(SlotKind kind, const Key& master) {
  const Sealer& sealer = contents_.sealer;
  Commit commit;
  commit.slot = make_slot(kind, sealer.vault_id(), master, sealer.root());
  return enqueue(std::move(commit));
}

Task<Result<void>> Vault::replace_slots(SlotKind kind, const Key& master) {
  const Sealer& sealer = contents_.sealer;
  Commit commit;
  commit.slot = make_slot(kind, sealer.vault_id(), master, sealer.root());
  commit.sole_slot = true;
  return enqueue(std::move(commit));
}

Task<Result<void>> Vault::begin_epoch() {
  Commit commit;
  commit.epoch = contents_.head.epoch + 1;
  // Known before it is written: what follows in the same transaction is sealed under it. Once only:
  // it may be on its way already.
  if (!contents_.sealer.knows_epoch(*commit.epoch)) contents_.sealer.begin_epoch(*commit.epoch);
  return enqueue(std::move(commit));
}

// Some of them, from there on; at the end it begins anew.
std::vector<RowKey> Vault::under_older_epochs(RowKey& from) const {
  std::vector<RowKey> found;
  auto row = contents_.rows.lower_bound(from);
  for (size_t seen = 0; row != contents_.rows.end() && seen < kSeenRows; ++row, ++seen) {
    const uint32_t epoch = row->second.header.epoch;
    if (epoch != root_epoch && epoch != contents_.head.epoch) found.push_back(row->first);
    if (found.size() == kRewrapRows) break;
  }
  from = row == contents_.rows.end() ? RowKey{} : row->first;
  return found;
}

// Rows to be sealed anew; of kinds that lie in memory, from there.
Task<Result<Vault::KeyedRows>> Vault::rows_of(std::vector<RowKey> keys) {
  KeyedRows rows;
  std::vector<RowKey> elsewhere;
  for (const RowKey& key : keys) {
    const auto known = contents_.rows.find(key);
    if (known == contents_.rows.end()) continue;
    if (known->second.sealed.empty()) elsewhere.push_back(key);
    else rows.emplace_back(key, known->second.sealed);
  }
  if (elsewhere.empty()) co_return rows;
  CO_TRY(StoredRows found, co_await stored(elsewhere));
  for (size_t at = 0; at < elsewhere.size(); ++at) {
    if (found[at]) rows.emplace_back(elsewhere[at], std::move(*found[at]));
  }
  co_return rows;
}

Task<Result<size_t>> Vault::finish_rotation() {
  size_t sealed = 0;
  RowKey from{};
  while (contents_.rows.older_than(contents_.head.epoch) > 0) {
    std::vector<RowKey> keys = under_older_epochs(from);
    if (keys.empty()) {
      co_await sleep(loop_, 0);
      continue;
    }
    sealed += keys.size();
    Commit commit;
    CO_TRY(commit.rewrap, co_await rows_of(std::move(keys)));
    CO_CHECK(co_await enqueue(std::move(commit)));
  }
  Commit commit;
  for (const uint32_t epoch : contents_.sealer.epochs()) {
    if (epoch < contents_.head.epoch) commit.epochs_gone.push_back(epoch);
  }
  if (commit.epochs_gone.empty()) co_return sealed;
  CO_CHECK(co_await enqueue(std::move(commit)));
  co_return sealed;
}

bool Vault::rotating() const {
  const std::vector<uint32_t> epochs = contents_.sealer.epochs();
  return !epochs.empty() && epochs.front() < contents_.head.epoch;
}

Task<Result<void>> Vault::between_writes(Reader reader) {
  Waiter<Result<void>> waiter(loop_);
  readings_.push_back({std::move(reader), waiter.resolver()});
  if (!std::exchange(writing_, true)) tasks_.spawn(write_queue());
  std::optional<Result<void>> written = co_await waiter;
  if (!written) co_return Error{Code::unavailable, "the vault was closed"};
  co_return std::move(*written);
}

Task<Result<void>> Vault::enqueue(Commit commit) {
  Waiter<Result<void>> waiter(loop_);
  commit.done = waiter.resolver();
  queue_.push_back(std::move(commit));
  if (!std::exchange(writing_, true)) tasks_.spawn(write_queue());
  std::optional<Result<void>> written = co_await waiter;
  if (!written) co_return Error{Code::unavailable, "the vault was closed"};
  co_return std::move(*written);
}

Task<void> Vault::write_queue() {
  while (!queue_.empty() || !readings_.empty()) {
    std::vector<Reading> readings = std::exchange(readings_, {});
    for (Reading& reading : readings) {
      auto job = [store = store_, reader = std::move(reading.reader)] { return reader(*store); };
      Result<void> read = co_await work(loop_, std::move(job));
      reading.done.resolve(std::move(read));
    }
    co_await write_commits();
  }
  writing_ = false;
}

Task<void> Vault::write_commits() {
  if (queue_.empty()) co_return;
  Transaction transaction(contents_);
  for (Commit& commit : std::exchange(queue_, {})) {
    transaction.add(std::move(commit), ++last_number_);
  }
  if (transaction.empty()) {
    transaction.resolve({});
    co_return;
  }
  auto job = [store = store_, head_row = contents_.head_row, changes = transaction.seal_rows()] {
    return write(*store, head_row, changes);
  };
  Result<void> written = co_await work(loop_, std::move(job));
  if (written) transaction.take_over(contents_);
  transaction.resolve(written);
}

}  // namespace reeve
