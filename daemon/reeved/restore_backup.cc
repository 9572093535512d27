// restore_backup: the part of backup.h that runs without a daemon.
#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <set>
#include <utility>

#include "audit/audit_file.h"
#include "reeved/backup.h"
#include "reeved/key_keeper.h"
#include "session/grant_record.h"
#include "vault/restore.h"
#include "vault/store_sqlite.h"

namespace reeve {
namespace {

using Notes = std::vector<std::string>;

// A key's file belongs to the daemon's user or to root; so root reads it as the one or the other.
Result<Key> load_key_of(const Config& config, const SecretRef& ref, std::string_view name) {
  auto key = load_key(ref, name);
  const uid_t daemon = config.daemon.daemon_uid;
  if (key || ::geteuid() != 0 || ::seteuid(daemon) != 0) return key;
  key = load_key(ref, name);
  if (::seteuid(0) != 0) return errno_error("seteuid", errno);
  return key;
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

Result<Contents> load_backup(const RestoreOptions& options, const Key& key) {
  auto store = open_sqlite_store(options.file, OpenMode::must_exist);
  if (!store) return in("the backup", std::move(store).error());
  auto contents = load(**store, key);
  if (contents) return contents;
  if (contents.error().code == Code::denied && options.key_file.empty()) {
    return Error{Code::denied,
                 "the backup is sealed with another master key than the present one: give the key "
                 "of that day, or the recovery key, by --key"};
  }
  return in("the backup " + options.file, std::move(contents).error());
}

// The vault that is there, if it can still be read.
Result<std::optional<Contents>> load_old(const std::string& path, const Key& master, Notes& notes) {
  if (!exists(path)) return std::optional<Contents>();
  auto store = open_sqlite_store(path, OpenMode::must_exist);
  if (!store && store.error().code == Code::unavailable)
    return Error{Code::unavailable, "reeved has the vault open: stop it first"};
  Result<Contents> contents = store ? load(**store, master) : Result<Contents>(store.error());
  if (contents) return std::optional<Contents>(std::move(*contents));
  notes.push_back("the vault in its place cannot be read (" + contents.error().text +
                  "): what was revoked since the backup is known from the audit alone");
  return std::optional<Contents>();
}

// The ids of all grants that ever were revoked: none comes back.
std::set<std::string> revoked_grants(const std::string& audit, Notes& notes) {
  std::set<std::string> ids;
  std::vector<std::string> files = files_put_aside(audit);
  files.push_back(audit);
  for (const std::string& file : files) {
    std::ifstream lines(file);
    if (!lines) notes.push_back("the audit file " + file + " cannot be read");
    for (std::string line; std::getline(lines, line);) {
      if (line.find("\"grant.revoked\"") == std::string::npos) continue;
      const auto record = parse_json(line, record_limits);
      if (record && record->text("event") == "grant.revoked") ids.insert(record->text("grant"));
    }
  }
  return ids;
}

// An old vault's log stays with it: SQLite would play it into the new one.
Result<void> take_place(const std::string& fresh, const std::string& path, const Config& config,
                        Notes& notes) {
  if (::geteuid() == 0 && ::chown(fresh.c_str(), config.daemon.daemon_uid, -1) != 0)
    return errno_error(fresh, errno);
  const std::string before = path + ".before-" + std::to_string(std::time(nullptr));
  const bool had = exists(path);
  if (exists(path + "-wal") && ::rename((path + "-wal").c_str(), (before + "-wal").c_str()) != 0)
    return errno_error(path + "-wal", errno);
  const unsigned how = had ? RENAME_EXCHANGE : RENAME_NOREPLACE;
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, path.c_str(), how) != 0)
    return errno_error(path, errno);
  if (!had) return {};
  if (::rename(fresh.c_str(), before.c_str()) != 0) return errno_error(before, errno);
  notes.push_back("the vault that was there is kept as " + before);
  return {};
}

void remove(const std::string& path) {
  for (const char* part : {"", "-wal", "-shm"}) ::unlink((path + part).c_str());
}

std::string counted(size_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace

Result<std::vector<std::string>> restore_backup(const Config& config,
                                                const RestoreOptions& options) {
  REEVE_TRY(const Key master, load_key_of(config, config.vault.master_key, "[vault] master_key"));
  const SecretRef given{SecretRef::Kind::file, options.key_file};
  REEVE_TRY(const Key key, options.key_file.empty() ? Result<Key>(master.clone())
                                                    : load_key_of(config, given, "--key"));
  Notes notes;
  const std::string path = config.daemon.state_directory + "/vault.db";
  REEVE_TRY(Contents backup, load_backup(options, key));
  REEVE_TRY(const std::optional<Contents> old, load_old(path, master, notes));
  const std::set<std::string> gone = revoked_grants(config.daemon.audit, notes);
  RestoreParts parts{std::move(backup), old ? &*old : nullptr, {}, &master, {}};
  parts.revoked = [&gone](Kind kind, const Secret& plain) {
    const auto record = parse_json(plain.reveal(), record_limits);
    return record && gone.contains(record->text(kind == Kind::grant ? "id" : "grant"));
  };
  const RecordId note = parts.backup.sealer.id(Kind::setting, {"restored"});
  parts.note = Change{
      Kind::setting, note,
      Secret("from a backup of commit " + std::to_string(parts.backup.head.counter)), std::nullopt};
  const std::string fresh = path + ".restored";
  remove(fresh);
  auto target = open_sqlite_store(fresh, OpenMode::create_if_empty);
  if (!target) return std::move(target).error();
  auto restored = restore(std::move(parts), **target);
  target->reset();
  const auto taken =
      restored ? take_place(fresh, path, config, notes) : Result<void>(restored.error());
  if (!taken) {
    remove(fresh);
    return taken.error();
  }
  notes.push_back("restored " + counted(restored->grants, "grant") + ", " +
                  std::to_string(restored->taken_back) + " were taken back since; " +
                  counted(restored->newer, "record") + " newer in the old vault; sessions ended");
  return notes;
}

}  // namespace reeve
