// Vault: the sealed records and their keys; where everything is kept that must outlive the process.
//
// Reading is from memory, of rows that lie there sealed: no disk, no waiting, some microseconds.
// But of grants and access tokens, of which there may be very many, memory has only where they lie
// and their labels: they are read from the store, between two writes. Writing is a commit: durable
// when it returns, all or nothing. One transaction is on its way to the disk at a time, on the
// thread pool; what is asked meanwhile goes into the next one together, each commit judged by
// itself. So one sync of the disk serves however many wait.
//
// A write that fails is an error to every caller of its transaction, and the vault stays as it was;
// after a restart such a write may turn out to have happened, whole, where the disk failed in the
// last moment. The process must be alone with the store.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "async/task.h"
#include "async/waiter.h"
#include "base/result.h"
#include "crypto/key.h"
#include "vault/contents.h"
#include "vault/record.h"
#include "vault/store.h"
#include "vault/transaction.h"

namespace reeve {

class Vault final {
 public:
  using Visitor = std::function<Result<void>(const RecordId&, Record)>;

  // Reads and proves what the store holds (contents.h); blocks, so it belongs to the start. Nothing
  // is changed in a store that is refused. Code::not_found: empty, and there must be a vault;
  // denied: another master key; invalid: of a newer reeve; corrupt: damaged, or rows removed,
  // exchanged or put back; others: the store's.
  static Result<std::unique_ptr<Vault>> open(Loop& loop, std::unique_ptr<Store> store,
                                             const Key& master, OpenMode mode);
  Vault(Loop& loop, std::unique_ptr<Store> store, Contents contents);
  Vault(const Vault&) = delete;
  Vault& operator=(const Vault&) = delete;
  // Commits not yet begun are dropped; one on its way ends by itself, and the store is closed after
  // it.
  ~Vault();

  // The id of the record of that name; the parts are length-prefixed, then hashed under a key of
  // this vault.
  RecordId id(Kind kind, std::initializer_list<std::string_view> parts) const;
  // A label of that name, by which records are found; a mark is counted only (Label::is_mark).
  Label label(std::initializer_list<std::string_view> parts) const;
  Label mark(std::string_view name) const;

  // As of the last commit that returned, or is about to. Of a kind that lies in memory, as below.
  Result<std::optional<Record>> get(Kind kind, const RecordId& id) const;
  // Every record of the kind, in no order that means anything. An error ends it and is handed on.
  Result<void> for_each(Kind kind, const Visitor& visitor) const;

  // The same of a kind that lies in the store, all as of one moment, in the order of the ids; one
  // that is not there is nullopt. Code::corrupt: one was changed, is gone from the store or was put
  // back from an older copy; others: the store's.
  using Records = std::vector<std::optional<Record>>;
  Task<Result<Records>> read(Kind kind, std::vector<RecordId> ids);
  // Where such records are: those with that label.
  std::vector<RecordId> labelled(Kind kind, const Label& label) const {
    return contents_.rows.labelled(kind, label);
  }
  Labels labels(Kind kind, const RecordId& id) const;  // none: it has none, or is not there
  // In the order of ids, the first or those after one, no more than that many.
  std::vector<RecordId> ids_after(Kind kind, std::optional<RecordId> after, size_t most) const;
  // Of the record as it is; nullopt: there is none.
  std::optional<uint64_t> generation(Kind kind, const RecordId& id) const;
  // How many there are, and how many with that mark.
  size_t count(Kind kind) const { return contents_.rows.count(kind); }
  size_t count(Kind kind, const Label& mark) const { return contents_.rows.count(kind, mark); }
  // Gives labels to the records of an older reeve, which have none; none are given, none are
  // written. Blocks, so it belongs to the start; where it is cut short it goes on at the next one.
  using Labeller = std::function<Result<Labels>(const Secret& plain)>;
  Result<void> label_all(Kind kind, const Labeller& labels_of);

  // Code::conflict, and nothing of this commit happens: a record has not the generation that was
  // expected. All expectations are judged before any change of this commit, in the order in which
  // commits began. Dropping the task does not recall it: once it began, the commit happens or fails
  // as if it were awaited.
  Task<Result<void>> commit(std::vector<Change> changes);

  // Lets another master key open this vault: a recovery key. Code::conflict: it does already.
  Task<Result<void>> add_slot(SlotKind kind, const Key& master);
  // The same, and takes that from every other key of the kind: the service's own key changes in one
  // write.
  Task<Result<void>> replace_slots(SlotKind kind, const Key& master);

  // Begins a new epoch: what is written from now on is sealed under a new key.
  Task<Result<void>> begin_epoch();
  // Seals what lies under older epochs under the present one, some rows at a time while others
  // commit, and then forgets the older keys. Where it was stopped, by kill -9 too, it goes on when
  // it is called again. Returns how many rows it sealed.
  Task<Result<size_t>> finish_rotation();
  // Older keys are still there.
  bool rotating() const;
  uint32_t epoch() const { return contents_.head.epoch; }

  // Hands the store, as it is between two writes, to a function on the thread pool, which must only
  // read it: for a copy, still sealed. Commits wait meanwhile.
  using Reader = std::function<Result<void>(Store&)>;
  Task<Result<void>> between_writes(Reader reader);

  // A key of this vault for one use beside records; the same as long as the vault lives, whatever
  // becomes of master keys and epochs.
  Key key(std::string_view purpose) const;

  const std::string& vault_id() const { return contents_.sealer.vault_id(); }

 private:
  Task<Result<void>> enqueue(Commit commit);
  Task<void> write_queue();
  Task<void> write_commits();
  std::vector<RowKey> under_older_epochs(RowKey& from) const;
  using StoredRows = std::vector<std::optional<std::string>>;
  Task<Result<StoredRows>> stored(std::vector<RowKey> keys);
  Result<void> check_stored(const std::vector<RowKey>& keys, StoredRows& rows) const;
  using KeyedRows = std::vector<std::pair<RowKey, std::string>>;
  Task<Result<KeyedRows>> rows_of(std::vector<RowKey> keys);
  Result<void> label_some(Kind kind, const std::vector<RecordId>& ids, const Labeller& labels_of);

  Loop& loop_;
  const std::shared_ptr<Store> store_;  // shared with a write that outlives the vault
  Contents contents_;                   // what is durable
  uint64_t last_number_;                // of commits; goes on where a write failed
  std::vector<Commit> queue_;
  struct Reading {
    Reader reader;
    Resolver<Result<void>> done;
  };
  std::vector<Reading> readings_;
  bool writing_ = false;
  TaskSet tasks_{loop_};
};

}  // namespace reeve
