#include "reeved/backup.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "base/log.h"
#include "vault/store_sqlite.h"

namespace reeve {

Task<Result<std::shared_ptr<Fd>>> copy_of(Vault& vault, std::string directory) {
  const std::string path = directory + "/vault.db.copy";
  auto copy = std::make_shared<Fd>();
  Vault::Reader reader = [path, copy](Store& from) -> Result<void> {
    // Of a copy that a crash cut short.
    for (const char* part : {"", "-wal", "-shm"}) ::unlink((path + part).c_str());
    REEVE_TRY(std::unique_ptr<Store> to, open_sqlite_store(path, OpenMode::create_if_empty));
    Result<void> copied = copy_rows(from, *to);
    to.reset();  // now all of it is in the one file
    *copy = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    const int number = errno;
    ::unlink(path.c_str());
    if (copied && !*copy) return errno_error(path, number);
    return copied;
  };
  CO_CHECK(co_await vault.between_writes(std::move(reader)));
  co_return copy;
}

Task<void> tell_of_restore(Vault& vault, Audit& audit) {
  const RecordId id = vault.id(Kind::setting, {"restored"});
  const auto note = vault.get(Kind::setting, id);
  if (!note || !*note) co_return;
  const std::string reason((*note)->plain.reveal());
  Event event;
  event.name = "vault.restored";
  event.outcome = "ok";
  event.reason = reason;
  const auto recorded = co_await audit.record_synced(event);
  if (!recorded) {
    log(Level::error, recorded.error().text);
    co_return;
  }
  std::vector<Change> changes;
  changes.push_back({Kind::setting, id, std::nullopt, std::nullopt});
  const auto committed = co_await vault.commit(std::move(changes));
  if (!committed) log(Level::error, committed.error().text);
}

}  // namespace reeve
