#include "vault/store_sqlite.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/fd.h"
#include "vault/sqlite.h"

namespace reeve {
namespace {

// In the file's header, where file(1) finds it: "Reev".
constexpr int64_t application_id = 0x52656576;
constexpr int64_t schema_version = 2;

// The rows' heads once more, in an index that is read without them: at start that is all there is
// to read of most rows.
constexpr const char* schema =
    "BEGIN;"
    "PRAGMA application_id = 0x52656576;"
    "PRAGMA user_version = 2;"
    "CREATE TABLE record ("
    " kind INTEGER NOT NULL,"
    " id BLOB NOT NULL CHECK (length(id) = 32),"
    " sealed BLOB NOT NULL,"
    " head BLOB NOT NULL DEFAULT x'',"
    " PRIMARY KEY (kind, id)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX record_head ON record (kind, id, head);"
    "COMMIT";

// From version 1, which had no heads.
constexpr const char* upgrade =
    "BEGIN IMMEDIATE;"
    "ALTER TABLE record ADD COLUMN head BLOB NOT NULL DEFAULT x'';"
    "UPDATE record SET head = substr(sealed, 1, 78);"
    "CREATE INDEX record_head ON record (kind, id, head);"
    "PRAGMA user_version = 2;"
    "COMMIT";
static_assert(head_octets == 78);

class SqliteStore final : public Store {
 public:
  struct Statements {
    SqliteStatement get, list_all, list_kind, heads, put, erase;
  };
  SqliteStore(SqliteDatabase database, Statements statements)
      : database_(std::move(database)), statements_(std::move(statements)) {}

  Result<std::optional<std::string>> get(const RowKey& key) override;
  Result<void> list(std::optional<Kind> kind, const Visitor& visitor) override;
  Result<void> heads(const Visitor& visitor) override { return list(statements_.heads, visitor); }
  Result<void> apply(const std::vector<StoreChange>& changes) override;

 private:
  static Result<void> list(SqliteStatement& statement, const Visitor& visitor);
  Result<void> change(const StoreChange& change);

  SqliteDatabase database_;
  Statements statements_;
};

Result<std::optional<std::string>> SqliteStore::get(const RowKey& key) {
  SqliteStatement& statement = statements_.get;
  statement.bind(1, static_cast<int64_t>(key.kind));
  statement.bind(2, key.id.view());
  REEVE_TRY(const bool row, statement.step());
  if (!row) return std::optional<std::string>();
  std::string sealed(statement.octets(0));
  statement.reset();
  return std::optional<std::string>(std::move(sealed));
}

Result<void> visit(const SqliteStatement& statement, const Store::Visitor& visitor) {
  const int64_t kind = statement.number(0);
  const std::optional<RecordId> id = RecordId::from(statement.octets(1));
  if (kind < 0 || kind > 255 || !id) return Error{Code::corrupt, "a row has no proper key"};
  return visitor({static_cast<Kind>(kind), *id}, statement.octets(2));
}

Result<void> SqliteStore::list(std::optional<Kind> kind, const Visitor& visitor) {
  SqliteStatement& statement = kind ? statements_.list_kind : statements_.list_all;
  if (kind) statement.bind(1, static_cast<int64_t>(*kind));
  return list(statement, visitor);
}

Result<void> SqliteStore::list(SqliteStatement& statement, const Visitor& visitor) {
  for (;;) {
    REEVE_TRY(const bool row, statement.step());
    if (!row) return {};
    Result<void> visited = visit(statement, visitor);
    if (!visited) {
      statement.reset();
      return visited;
    }
  }
}

Result<void> SqliteStore::change(const StoreChange& change) {
  SqliteStatement& statement = change.row ? statements_.put : statements_.erase;
  statement.bind(1, static_cast<int64_t>(change.key.kind));
  statement.bind(2, change.key.id.view());
  if (change.row) {
    statement.bind(3, *change.row);
    statement.bind(4, std::string_view(*change.row).substr(0, head_octets));
  }
  return statement.run();
}

Result<void> SqliteStore::apply(const std::vector<StoreChange>& changes) {
  REEVE_CHECK(database_.exec("BEGIN IMMEDIATE"));
  Result<void> done;
  for (const StoreChange& one : changes) {
    done = change(one);
    if (!done) break;
  }
  if (done) done = database_.exec("COMMIT");
  if (!done) database_.roll_back();
  return done;
}

// Who else could read it could take an old copy and put it back.
Result<void> check_file(const std::string& path) {
  struct stat status {};
  if (stat(path.c_str(), &status) != 0) return errno_error("cannot be looked at", errno);
  if (!S_ISREG(status.st_mode)) return Error{Code::invalid, "is not a regular file"};
  if ((status.st_mode & 077) != 0) {
    return Error{Code::denied, "may be read or written by others than its owner: chmod 600"};
  }
  // SQLite takes a file of less than a page for a new database; ours never are.
  if (status.st_size < 512) {
    return Error{Code::corrupt, "is empty: bring back a backup, or remove it to begin a new vault"};
  }
  return {};
}

Result<void> make_schema(const std::string& path) {
  const Fd file(open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!file) return errno_error("cannot be made", errno);
  REEVE_TRY(SqliteDatabase database, SqliteDatabase::open(path));
  return database.exec(schema);
}

Result<void> sync_directory_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string name = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Fd directory(open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory || fsync(directory.get()) != 0) return errno_error("cannot sync " + name, errno);
  return {};
}

// Made whole under another name first: killed in between, nothing half-made bears the vault's name.
// Linked, not renamed, so that it never takes the place of another.
Result<void> create(const std::string& path) {
  // SQLite would play the log of a lost database into the new one.
  if (access((path + "-wal").c_str(), F_OK) == 0) {
    return Error{Code::corrupt,
                 "is gone, but its \"-wal\" file is there: bring back both, or remove it"};
  }
  const std::string fresh = path + ".new-" + std::to_string(getpid());
  unlink(fresh.c_str());
  Result<void> made = make_schema(fresh);
  if (made && link(fresh.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    made = errno_error("cannot be made", errno);
  }
  unlink(fresh.c_str());
  if (!made) return made;
  return sync_directory_of(path);
}

Result<void> lock(SqliteDatabase& database) {
  REEVE_TRY(const std::string mode, database.text("PRAGMA journal_mode = WAL"));
  if (mode != "wal") return Error{Code::io, "the file system gives no write-ahead log"};
  REEVE_CHECK(database.exec("PRAGMA synchronous = FULL"));
  // What was erased goes from the file too, for the day a key is stolen.
  REEVE_CHECK(database.exec("PRAGMA secure_delete = ON"));
  // A file that cannot be written is to be refused now, not at the first commit.
  REEVE_CHECK(database.exec("BEGIN EXCLUSIVE"));
  return database.exec("COMMIT");
}

// SQLite takes what was cut off the last page for zeros. Only a log can be owed the rest of it.
Result<void> check_last_page(SqliteDatabase& database, const std::string& path) {
  struct stat status {
  }, log{};
  if (stat(path.c_str(), &status) != 0) return errno_error("cannot be looked at", errno);
  if (stat((path + "-wal").c_str(), &log) == 0 && log.st_size > 0) return {};
  REEVE_TRY(const int64_t page, database.number("PRAGMA page_size"));
  if (page > 0 && status.st_size % page == 0) return {};
  return Error{Code::corrupt, "is cut short: bring back a backup"};
}

// Before lock(), which would turn a foreign database into a WAL one.
Result<void> check_identity(SqliteDatabase& database) {
  REEVE_TRY(const int64_t id, database.number("PRAGMA application_id"));
  if (id != application_id) return Error{Code::invalid, "is no vault of reeve's"};
  REEVE_TRY(const int64_t version, database.number("PRAGMA user_version"));
  if (version == schema_version || version == 1) return {};
  return Error{Code::invalid, "has schema " + std::to_string(version) + ", this reeve knows " +
                                  std::to_string(schema_version) + ": was a newer reeve here?"};
}

Result<void> check_integrity(SqliteDatabase& database, int64_t checked) {
  REEVE_TRY(const int64_t pages, database.number("PRAGMA page_count"));
  REEVE_TRY(const int64_t page, database.number("PRAGMA page_size"));
  if (pages * page > checked) return {};
  REEVE_TRY(const std::string found, database.text("PRAGMA quick_check(1)"));
  if (found == "ok") return {};
  return Error{Code::corrupt, "is damaged: " + found};
}

// After everything else: what is refused is not changed.
Result<void> bring_up(SqliteDatabase& database) {
  REEVE_TRY(const int64_t version, database.number("PRAGMA user_version"));
  if (version == schema_version) return {};
  Result<void> done = database.exec(upgrade);
  if (!done) database.roll_back();
  return done;
}

Result<std::unique_ptr<Store>> open_checked(const std::string& path, int64_t checked) {
  REEVE_CHECK(check_file(path));
  REEVE_TRY(SqliteDatabase database, SqliteDatabase::open(path));
  if (sqlite3_db_readonly(database.raw(), "main") != 0) {
    return Error{Code::io, "is read-only"};
  }
  // Before the first look at the file: so the WAL's index lies in our memory, not in a file others
  // could map.
  REEVE_CHECK(database.exec("PRAGMA locking_mode = EXCLUSIVE"));
  REEVE_CHECK(check_identity(database));
  REEVE_CHECK(check_last_page(database, path));
  REEVE_CHECK(lock(database));
  REEVE_CHECK(check_integrity(database, checked));
  REEVE_CHECK(bring_up(database));
  const auto prepare = [&](const char* sql) { return SqliteStatement::prepare(database, sql); };
  REEVE_TRY(auto get, prepare("SELECT sealed FROM record WHERE kind = ? AND id = ?"));
  REEVE_TRY(auto list_all, prepare("SELECT kind, id, sealed FROM record ORDER BY kind, id"));
  REEVE_TRY(auto list_kind,
            prepare("SELECT kind, id, sealed FROM record WHERE kind = ? ORDER BY id"));
  REEVE_TRY(auto heads, prepare("SELECT kind, id, head FROM record INDEXED BY record_head "
                                "ORDER BY kind, id"));
  REEVE_TRY(auto put, prepare("INSERT OR REPLACE INTO record (kind, id, sealed, head) "
                              "VALUES (?, ?, ?, ?)"));
  REEVE_TRY(auto erase, prepare("DELETE FROM record WHERE kind = ? AND id = ?"));
  SqliteStore::Statements statements{std::move(get),   std::move(list_all), std::move(list_kind),
                                     std::move(heads), std::move(put),      std::move(erase)};
  std::unique_ptr<Store> store =
      std::make_unique<SqliteStore>(std::move(database), std::move(statements));
  return store;
}

}  // namespace

Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, OpenMode mode,
                                                 int64_t checked) {
  const std::string name = "vault " + path;
  if (access(path.c_str(), F_OK) != 0 && errno == ENOENT) {
    if (mode == OpenMode::must_exist) {
      return Error{Code::not_found,
                   name + ": there is none; was it to be made, or is the path wrong?"};
    }
    Result<void> made = create(path);
    if (!made) return in(name, std::move(made).error());
  }
  Result<std::unique_ptr<Store>> opened = open_checked(path, checked);
  if (!opened) return in(name, std::move(opened).error());
  return opened;
}

}  // namespace reeve
