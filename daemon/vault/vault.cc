#include "vault/vault.h"

#include <cassert>
#include <utility>

#include "async/work.h"
#include "crypto/kdf.h"

namespace reeve {
namespace {

constexpr size_t kRewrapRows = 128;  // a millisecond or two on the loop

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
  Result<Contents> contents = load(*store, master);
  if (!contents && contents.error().code == Code::not_found && mode == OpenMode::create_if_empty) {
    REEVE_CHECK(create(*store, master));
    contents = load(*store, master);
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

Key Vault::key(std::string_view purpose) const {
  return derive(contents_.sealer.root(), "use", std::string(vault_id()) + std::string(purpose));
}

Result<std::optional<Record>> Vault::get(Kind kind, const RecordId& id) const {
  assert(kind > Kind::epoch_key);
  const RowKey key{kind, id};
  const auto found = contents_.rows.find(key);
  if (found == contents_.rows.end()) return std::optional<Record>();
  REEVE_TRY(Secret plain, contents_.sealer.open_row(key, found->second.sealed));
  return std::optional<Record>(Record{std::move(plain), found->second.header.generation});
}

Result<void> Vault::for_each(Kind kind, const Visitor& visitor) const {
  assert(kind > Kind::epoch_key);
  for (auto row = contents_.rows.lower_bound({kind, {}});
       row != contents_.rows.end() && row->first.kind == kind; ++row) {
    REEVE_TRY(Secret plain, contents_.sealer.open_row(row->first, row->second.sealed));
    REEVE_CHECK(visitor(row->first.id, Record{std::move(plain), row->second.header.generation}));
  }
  return {};
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

std::vector<RowKey> Vault::under_older_epochs(RowKey& from) const {
  std::vector<RowKey> found;
  auto row = contents_.rows.lower_bound(from);
  for (; row != contents_.rows.end() && found.size() < kRewrapRows; ++row) {
    const uint32_t epoch = row->second.header.epoch;
    if (epoch != root_epoch && epoch != contents_.head.epoch) found.push_back(row->first);
  }
  if (row != contents_.rows.end()) from = row->first;
  return found;
}

Task<Result<size_t>> Vault::finish_rotation() {
  size_t sealed = 0;
  // From the start again until nothing is found: rows may have been put in behind.
  for (bool any = true; any;) {
    any = false;
    RowKey from{};
    for (;;) {
      Commit commit;
      commit.rewrap = under_older_epochs(from);
      if (commit.rewrap.empty()) break;
      any = true;
      sealed += commit.rewrap.size();
      CO_CHECK(co_await enqueue(std::move(commit)));
    }
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

size_t Vault::count(Kind kind) const {
  size_t count = 0;
  for (auto row = contents_.rows.lower_bound({kind, {}});
       row != contents_.rows.end() && row->first.kind == kind; ++row) {
    ++count;
  }
  return count;
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
