// Sealer: the keys of one vault, and how a record becomes a row and comes back (docs/vault.md).
//
// The root key comes out of the header and never changes. From it come: the keys of names and of
// the head's set hash, the key of what the vault keeps for itself (epoch 0), and, unwrapped, the
// keys of the epochs, under which everything else is sealed. A row is bound to its vault, kind, id,
// generation and epoch: put anywhere else, it does not open.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/key.h"
#include "vault/record.h"

namespace reeve {

constexpr uint32_t root_epoch = 0;  // sealed under the root key itself: head, epoch keys

// What a row says of itself in clear; to be believed only once it was opened.
struct RowHeader {
  uint32_t epoch = 0;
  uint64_t generation = 0;
  Labels labels = {};
  bool operator==(const RowHeader&) const = default;
};

class Sealer final {
 public:
  Sealer(Key root, std::string vault_id);

  RecordId id(Kind kind, std::initializer_list<std::string_view> parts) const;
  Label label(std::initializer_list<std::string_view> parts) const;
  Label mark(std::string_view name) const;
  // The part of one row in the head's set hash.
  std::string set_item(const RowKey& key, const RowHeader& row) const;
  // Over the header, by which a changed header is known.
  std::string header_mac(std::string_view header) const;

  // The epoch must be known.
  std::string seal_row(const RowKey& key, const RowHeader& header, std::string_view plain) const;
  // Code::corrupt, naming the row: damaged, moved, of an unknown schema or epoch.
  Result<Secret> open_row(const RowKey& key, std::string_view row) const;
  // Of a row, or of its first head_octets.
  static Result<RowHeader> read_header(const RowKey& key, std::string_view row);

  // An epoch's key as a record (kind epoch_key) and back. Adopting checks that it lies under its
  // own name.
  RecordId epoch_id(uint32_t epoch) const;
  static Secret epoch_record(uint32_t epoch, const Key& key);
  Secret epoch_record(uint32_t epoch) const;  // which must be known
  // A key of that epoch, new; what is sealed under it waits for the head to name it.
  void begin_epoch(uint32_t epoch);
  void forget_epoch(uint32_t epoch);
  std::vector<uint32_t> epochs() const;  // all that are known, oldest first
  Result<void> adopt_epoch(const RecordId& id, std::string_view record);
  bool knows_epoch(uint32_t epoch) const { return epoch == root_epoch || epochs_.contains(epoch); }

  const Key& root() const { return root_; }
  const std::string& vault_id() const { return vault_id_; }

 private:
  BriefKey row_key(const RowKey& key, uint32_t epoch) const;
  std::string associated(const RowKey& key, const RowHeader& header) const;

  Key root_;
  std::string vault_id_;
  Key id_key_;
  Key label_key_;
  Key set_key_;
  Key header_key_;
  std::map<uint32_t, Key> epochs_;
};

}  // namespace reeve
