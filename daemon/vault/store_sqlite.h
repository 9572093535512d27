// The embedded store: one SQLite file, mode 0600, of one process at a time.
//
// WAL with synchronous=FULL: what apply() returned from survives kill -9 and loss of power. The
// exclusive lock is held from open to the end, so a second reeved, and a `sqlite3` shell, are
// refused. The file stands beside a "-wal" file while it is open; both together are the vault.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "vault/store.h"

namespace reeve {

// Files up to this size are checked page by page when they are opened; of larger ones a torn page
// is found where it is read.
constexpr int64_t checked_octets = int64_t{1} << 30;

// Opens the file, or makes it whole where there is none and the mode allows. Code::not_found: there
// is none; unavailable: another process has it; denied: others may read it; invalid: not ours, or
// of a newer reeve; corrupt: damaged, with SQLite's word for it.
Result<std::unique_ptr<Store>> open_sqlite_store(const std::string& path, OpenMode mode,
                                                 int64_t checked = checked_octets);

}  // namespace reeve
