#include "vault/sqlite.h"

#include <sqlite3.h>

#include <utility>

namespace reeve {
namespace {

Code code_of(int status) {
  switch (status & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Code::unavailable;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return Code::corrupt;
    case SQLITE_MISUSE: return Code::internal;
    default: return Code::io;
  }
}

Error failure_of(sqlite3* database, int status) {
  if (code_of(status) == Code::unavailable) {
    return {Code::unavailable, "in use by another process: is another reeved running?"};
  }
  // SQLite's messages name tables and pages, never values.
  std::string text = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(status);
  text += " (SQLite " + std::to_string(status) + ")";
  const int number = database != nullptr ? sqlite3_system_errno(database) : 0;
  if (number != 0 && (status & 0xff) != SQLITE_CORRUPT)
    text += ", " + errno_error("system", number).text;
  return {code_of(status), std::move(text)};
}

}  // namespace

Result<SqliteDatabase> SqliteDatabase::open(const std::string& path) {
  sqlite3* raw = nullptr;
  const int status =
      sqlite3_open_v2(path.c_str(), &raw,
                      SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  SqliteDatabase database(raw);  // also a failed open gives something to close
  if (status != SQLITE_OK) return database.failure(status);
  // The file may be hostile: nothing in its schema is to run.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  return database;
}

SqliteDatabase::SqliteDatabase(SqliteDatabase&& other) noexcept
    : raw_(std::exchange(other.raw_, nullptr)) {}

SqliteDatabase::~SqliteDatabase() { sqlite3_close_v2(raw_); }

Result<void> SqliteDatabase::exec(const char* sql) {
  const int status = sqlite3_exec(raw_, sql, nullptr, nullptr, nullptr);
  if (status != SQLITE_OK) return failure(status);
  return {};
}

Result<std::string> SqliteDatabase::text(const char* sql) {
  REEVE_TRY(SqliteStatement statement, SqliteStatement::prepare(*this, sql));
  REEVE_TRY(const bool row, statement.step());
  return row ? std::string(statement.octets(0)) : std::string();
}

Result<int64_t> SqliteDatabase::number(const char* sql) {
  REEVE_TRY(SqliteStatement statement, SqliteStatement::prepare(*this, sql));
  REEVE_TRY(const bool row, statement.step());
  return row ? statement.number(0) : 0;
}

void SqliteDatabase::roll_back() {
  if (sqlite3_get_autocommit(raw_) == 0) sqlite3_exec(raw_, "ROLLBACK", nullptr, nullptr, nullptr);
}

Error SqliteDatabase::failure(int status) const { return failure_of(raw_, status); }

Result<SqliteStatement> SqliteStatement::prepare(const SqliteDatabase& database, const char* sql) {
  sqlite3_stmt* raw = nullptr;
  const int status =
      sqlite3_prepare_v3(database.raw(), sql, -1, SQLITE_PREPARE_PERSISTENT, &raw, nullptr);
  if (status != SQLITE_OK) return database.failure(status);
  return SqliteStatement(database, raw);
}

SqliteStatement::SqliteStatement(const SqliteDatabase& database, sqlite3_stmt* raw)
    : database_(database.raw()), raw_(raw) {}

SqliteStatement::SqliteStatement(SqliteStatement&& other) noexcept
    : database_(other.database_), raw_(std::exchange(other.raw_, nullptr)) {}

SqliteStatement::~SqliteStatement() { sqlite3_finalize(raw_); }

void SqliteStatement::bind(int parameter, int64_t value) {
  sqlite3_bind_int64(raw_, parameter, value);
}

void SqliteStatement::bind(int parameter, std::string_view octets) {
  // A null pointer would bind NULL.
  const char* data = octets.data() != nullptr ? octets.data() : "";
  sqlite3_bind_blob64(raw_, parameter, data, octets.size(), SQLITE_STATIC);
}

Result<bool> SqliteStatement::step() {
  const int status = sqlite3_step(raw_);
  if (status == SQLITE_ROW) return true;
  std::optional<Error> error;
  if (status != SQLITE_DONE) error = failure_of(database_, status);
  reset();
  if (error) return std::move(*error);
  return false;
}

Result<void> SqliteStatement::run() {
  for (;;) {
    REEVE_TRY(const bool row, step());
    if (!row) return {};
  }
}

void SqliteStatement::reset() {
  sqlite3_reset(raw_);
  sqlite3_clear_bindings(raw_);
}

int64_t SqliteStatement::number(int column) const { return sqlite3_column_int64(raw_, column); }

std::string_view SqliteStatement::octets(int column) const {
  const void* data = sqlite3_column_blob(raw_, column);
  const int size = sqlite3_column_bytes(raw_, column);
  return {static_cast<const char*>(data), static_cast<size_t>(size)};
}

}  // namespace reeve
