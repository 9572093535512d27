// Contents: all that lies in a store, read at start and proven before anything is served.
//
// The sealed rows stay in memory: reading a record never waits for the disk, and what a failed or
// half-done write leaves in the store is never seen. load() opens every row once and compares all
// of them with the head; it changes nothing.
#pragma once

#include <map>
#include <string>

#include "base/result.h"
#include "crypto/key.h"
#include "vault/head.h"
#include "vault/header.h"
#include "vault/record.h"
#include "vault/sealer.h"
#include "vault/store.h"

namespace reeve {

struct Row {
  std::string sealed;
  RowHeader header;
};

using Rows = std::map<RowKey, Row>;

struct Contents {
  Header header;
  Sealer sealer;
  Head head;
  std::string head_row;
  Rows rows;  // all but the head
};

// Code::not_found: the store is empty. Otherwise as open_header, or corrupt, naming what was found.
Result<Contents> load(Store& store, const Key& master);

// Makes a vault in an empty store.
Result<void> create(Store& store, const Key& master);

}  // namespace reeve
