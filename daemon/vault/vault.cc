#include "vault/vault.h"

#include <cassert>
#include <utility>

#include "async/work.h"

namespace reeve {
namespace {

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
  return enqueue(Commit{std::move(changes), std::nullopt, {}});
}

Task<Result<void>> Vault::add_slot(SlotKind kind, const Key& master) {
  const Sealer& sealer = contents_.sealer;
  return enqueue(Commit{{}, make_slot(kind, sealer.vault_id(), master, sealer.root()), {}});
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
  while (!queue_.empty()) {
    Transaction transaction(contents_);
    for (Commit& commit : std::exchange(queue_, {})) {
      transaction.add(std::move(commit), ++last_number_);
    }
    if (transaction.empty()) {
      transaction.resolve({});
      continue;
    }
    auto job = [store = store_, head_row = contents_.head_row, changes = transaction.seal_rows()] {
      return write(*store, head_row, changes);
    };
    Result<void> written = co_await work(loop_, std::move(job));
    if (written) transaction.take_over(contents_);
    transaction.resolve(written);
  }
  writing_ = false;
}

}  // namespace reeve
