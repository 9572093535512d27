// SqliteDatabase, SqliteStatement: SQLite's handles with one owner each, and its failures as
// Errors.
//
// Nothing here knows what is stored. SQLite sees sealed rows only, so its memory is not wiped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace reeve {

class SqliteDatabase final {
 public:
  // Opens an existing file for reading and writing; other processes may have it open until lock()
  // is called.
  static Result<SqliteDatabase> open(const std::string& path);
  SqliteDatabase(SqliteDatabase&& other) noexcept;
  SqliteDatabase& operator=(SqliteDatabase&&) = delete;
  SqliteDatabase(const SqliteDatabase&) = delete;
  SqliteDatabase& operator=(const SqliteDatabase&) = delete;
  ~SqliteDatabase();

  Result<void> exec(const char* sql);
  // The first column of the first row, as text; empty where there is none.
  Result<std::string> text(const char* sql);
  Result<int64_t> number(const char* sql);
  // Undoes what was begun, if SQLite has not done so already.
  void roll_back();

  // The failure of the last call: what it was, and what to do where that is known.
  Error failure(int status) const;
  sqlite3* raw() const { return raw_; }

 private:
  explicit SqliteDatabase(sqlite3* raw) : raw_(raw) {}
  sqlite3* raw_;
};

// A prepared statement. Parameters are bound from 1, columns read from 0, as SQLite counts them.
class SqliteStatement final {
 public:
  static Result<SqliteStatement> prepare(const SqliteDatabase& database, const char* sql);
  SqliteStatement(SqliteStatement&& other) noexcept;
  SqliteStatement& operator=(SqliteStatement&&) = delete;
  SqliteStatement(const SqliteStatement&) = delete;
  SqliteStatement& operator=(const SqliteStatement&) = delete;
  ~SqliteStatement();

  void bind(int parameter, int64_t value);
  // The octets must outlive the last step.
  void bind(int parameter, std::string_view octets);
  // True: a row stands ready. False: done. After false or an error it may be bound and run again.
  Result<bool> step();
  // Runs it to its end, dropping rows.
  Result<void> run();
  void reset();

  int64_t number(int column) const;
  std::string_view octets(int column) const;  // until the next step

 private:
  SqliteStatement(const SqliteDatabase& database, sqlite3_stmt* raw);
  sqlite3* database_;
  sqlite3_stmt* raw_;
};

}  // namespace reeve
