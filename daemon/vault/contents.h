// Contents: all that lies in a store, read at start and proven before anything is served.
//
// Every row is compared with the head by what it says of itself, which the head's sum covers. The
// rows that lie in memory are opened too, once, and then stay there sealed: reading one never waits
// for the disk, and what a failed or half-done write leaves in the store is never seen. Those of
// the kinds that lie in the store alone are opened where they are read (Vault::read). load()
// changes nothing.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "crypto/key.h"
#include "vault/head.h"
#include "vault/header.h"
#include "vault/record.h"
#include "vault/rows.h"
#include "vault/sealer.h"
#include "vault/store.h"

namespace reeve {

// Everything: all rows are opened, and lie in memory.
enum class Keep { everything, what_lies_in_memory };

struct Contents {
  Header header;
  Sealer sealer;
  Head head;
  std::string head_row;
  Rows rows;  // all but the head
  Keep keep = Keep::everything;
};

// Code::not_found: the store is empty. Otherwise as open_header, or corrupt, naming what was found.
Result<Contents> load(Store& store, const Key& master, Keep keep = Keep::everything);

// Whether a row that was read from the store is the one that is known. Code::corrupt: it is gone,
// or another one. That it opens is not said by it.
Result<void> check_read_row(const Row& known, const RowKey& key,
                            const std::optional<std::string>& row);

// Makes a vault in an empty store.
Result<void> create(Store& store, const Key& master);

}  // namespace reeve
