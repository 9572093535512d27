#include "vault/sealer.h"

#include <cassert>
#include <utility>

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"
#include "vault/octets.h"

namespace reeve {
namespace {

constexpr uint8_t row_schema = 1;
constexpr size_t row_header_bytes = 1 + 4 + 8;

Error damaged(const RowKey& key, std::string_view what) {
  return {Code::corrupt, row_name(key) + ": " + std::string(what)};
}

}  // namespace

Sealer::Sealer(Key root, std::string vault_id)
    : root_(std::move(root)),
      vault_id_(std::move(vault_id)),
      id_key_(derive(root_, "record ids", vault_id_)),
      set_key_(derive(root_, "set of rows", vault_id_)),
      header_key_(derive(root_, "header", vault_id_)) {}

RecordId Sealer::id(Kind kind, std::initializer_list<std::string_view> parts) const {
  std::string name;
  put_number(name, static_cast<uint8_t>(kind));
  name += length_prefixed(parts);
  return *RecordId::from(keyed_hash(id_key_, name));
}

std::string Sealer::set_item(const RowKey& key, const RowHeader& row) const {
  std::string item;
  put_number(item, static_cast<uint8_t>(key.kind));
  item += key.id.view();
  put_number(item, row.epoch);
  put_number(item, row.generation);
  return keyed_hash(set_key_, item);
}

std::string Sealer::header_mac(std::string_view header) const {
  return keyed_hash(header_key_, header);
}

BriefKey Sealer::row_key(const RowKey& key, uint32_t epoch) const {
  if (epoch == root_epoch) return derive_brief(root_, "record", key.id.view());
  return derive_brief(epochs_.at(epoch), "record", key.id.view());
}

// Of fixed width throughout, so that no two rows share it.
std::string Sealer::associated(const RowKey& key, const RowHeader& header) const {
  std::string text = "reeve/record";
  text += vault_id_;
  put_number(text, static_cast<uint8_t>(key.kind));
  text += key.id.view();
  put_number(text, row_schema);
  put_number(text, header.epoch);
  put_number(text, header.generation);
  return text;
}

std::string Sealer::seal_row(const RowKey& key, const RowHeader& header,
                             std::string_view plain) const {
  assert(knows_epoch(header.epoch));
  std::string row;
  put_number(row, row_schema);
  put_number(row, header.epoch);
  put_number(row, header.generation);
  row += seal(row_key(key, header.epoch), plain, associated(key, header));
  return row;
}

Result<RowHeader> Sealer::read_header(const RowKey& key, std::string_view row) {
  OctetReader reader(row);
  const auto schema = reader.number<uint8_t>();
  RowHeader header;
  header.epoch = reader.number<uint32_t>();
  header.generation = reader.number<uint64_t>();
  if (!reader.ok() || reader.rest().size() < seal_overhead) return damaged(key, "cut short");
  if (schema != row_schema) {
    return damaged(key, "of schema " + std::to_string(schema) + ": damaged, or of a newer reeve");
  }
  return header;
}

Result<Secret> Sealer::open_row(const RowKey& key, std::string_view row) const {
  REEVE_TRY(const RowHeader header, read_header(key, row));
  if (!knows_epoch(header.epoch)) {
    return damaged(key, "of epoch " + std::to_string(header.epoch) + ", which has no key here");
  }
  std::optional<Secret> plain =
      unseal(row_key(key, header.epoch), row.substr(row_header_bytes), associated(key, header));
  if (!plain) return damaged(key, "changed, or not from here");
  return std::move(*plain);
}

RecordId Sealer::epoch_id(uint32_t epoch) const {
  std::string name;
  put_number(name, epoch);
  return id(Kind::epoch_key, {name});
}

Secret Sealer::epoch_record(uint32_t epoch, const Key& key) {
  std::string record;
  record.reserve(sizeof epoch +
                 Key::bytes);  // so that no part of the key stays in a shorter buffer
  put_number(record, epoch);
  record += key.reveal();
  return Secret(std::move(record));
}

Secret Sealer::epoch_record(uint32_t epoch) const { return epoch_record(epoch, epochs_.at(epoch)); }

void Sealer::begin_epoch(uint32_t epoch) { epochs_.insert_or_assign(epoch, Key::random()); }

void Sealer::forget_epoch(uint32_t epoch) { epochs_.erase(epoch); }

std::vector<uint32_t> Sealer::epochs() const {
  std::vector<uint32_t> known;
  for (const auto& [epoch, key] : epochs_) known.push_back(epoch);
  return known;
}

Result<void> Sealer::adopt_epoch(const RecordId& id, std::string_view record) {
  OctetReader reader(record);
  const auto epoch = reader.number<uint32_t>();
  std::optional<Key> key = Key::from_bytes(reader.rest());
  if (!reader.ok() || !key || epoch == root_epoch || id != epoch_id(epoch)) {
    return damaged({Kind::epoch_key, id}, "not a key of the epoch it is named for");
  }
  epochs_.insert_or_assign(epoch, std::move(*key));
  return {};
}

}  // namespace reeve
