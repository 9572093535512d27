// Head: the sealed record, written with every transaction, that says which rows the vault consists
// of.
//
// Each row is in it by a keyed hash over (kind, id, epoch, generation); all of them are joined by
// exclusive or, so that a change costs two hashes whatever the vault's size. A row removed, added
// or put back from an older copy changes the sum. The sum itself is sealed: nobody without the root
// key can look for rows that cancel.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "vault/sealer.h"

namespace reeve {

struct Head {
  uint64_t counter = 0;  // the last commit's number
  uint64_t rows = 0;     // all but the head itself
  uint32_t epoch = 0;    // under which new records are sealed
  std::array<unsigned char, 32> sum{};

  // Puts a row into the sum, or takes it out again: the same thing.
  void toggle(std::string_view set_item);
  bool operator==(const Head&) const = default;
};

std::string seal_head(const Head& head, const Sealer& sealer);
Result<Head> open_head(std::string_view row, const Sealer& sealer);

}  // namespace reeve
