// record: what the vault keeps, as its users see it: kinds, ids, records and changes. Values only.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"

namespace reeve {

// The numbers are part of the format (docs/vault.md). The first three are the vault's own.
enum class Kind : uint8_t {
  header = 1,
  head = 2,
  epoch_key = 3,
  grant = 4,
  access_token = 5,
  session = 6,
  consent = 7,
  browser = 8,
  intent = 9,
  setting = 10,
};

// Of these there may be many, so they lie in the store alone, and are read where they are used; all
// others lie in memory too, sealed.
constexpr bool lies_in_store(Kind kind) {
  return kind == Kind::grant || kind == Kind::access_token;
}

std::string_view kind_name(Kind kind);  // "access token"; "unknown kind" for no kind of ours
bool kind_known(uint8_t number);

// 32 octets that say nothing: a keyed hash of the record's name, made by Vault::id().
struct RecordId {
  std::array<unsigned char, 32> octets{};

  static std::optional<RecordId> from(std::string_view octets);  // exactly 32
  std::string_view view() const;
  auto operator<=>(const RecordId&) const = default;
};

// 16 octets by which a record is found, or counted, without being opened: a keyed hash of what it
// is found by, made by Vault::label(). They lie beside the record in clear, and say nothing but
// that two records have the same one.
struct Label {
  std::array<unsigned char, 16> octets{};

  static std::optional<Label> from(std::string_view octets);  // exactly 16
  std::string_view view() const;
  // A label that very many have, as those that are in some state: they are counted by it, not
  // found.
  bool is_mark() const { return octets[0] == 0; }
  auto operator<=>(const Label&) const = default;
};
using Labels = std::vector<Label>;
constexpr size_t label_limit = 4;  // of one record
// The most that a row says of itself in clear, before what is sealed: schema, epoch, generation,
// labels (sealer.h).
constexpr size_t head_octets = 1 + 4 + 8 + 1 + label_limit * sizeof(Label);

// Where a row lies in a store.
struct RowKey {
  Kind kind{};
  RecordId id;
  auto operator<=>(const RowKey&) const = default;
};

// "grant 1f2e3d4c": for error texts.
std::string row_name(const RowKey& key);

struct Record {
  Secret plain;
  // Which write it is of: each commit of a vault has a number of its own, from 1 up, never used
  // again.
  uint64_t generation = 0;
};

// One change of a commit.
struct Change {
  Kind kind{};
  RecordId id;
  std::optional<Secret> plain;  // nullopt erases; what is not there may be erased
  // The generation the record must still have; 0: it must not exist; nullopt: whatever it is.
  std::optional<uint64_t> expected_generation;
  Labels labels = {};  // at most label_limit
};

}  // namespace reeve
