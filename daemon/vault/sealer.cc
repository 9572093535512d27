#include "vault/sealer.h"

#include <cassert>
#include <utility>

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"
#include "vault/octets.h"

namespace reeve {
namespace {

constexpr uint8_t plain_schema = 1, labelled_schema = 2;

void put_labels(std::string& out, const Labels& labels) {
  if (labels.empty()) return;
  put_number(out, static_cast<uint8_t>(labels.size()));
  for (const Label& label : labels) out += label.view();
}

// As it stands before what is sealed.
std::string encode(const RowHeader& header) {
  std::string text;
  put_number(text, header.labels.empty() ? plain_schema : labelled_schema);
  put_number(text, header.epoch);
  put_number(text, header.generation);
  put_labels(text, header.labels);
  return text;
}

Error damaged(const RowKey& key, std::string_view what) {
  return {Code::corrupt, row_name(key) + ": " + std::string(what)};
}

}  // namespace

Sealer::Sealer(Key root, std::string vault_id)
    : root_(std::move(root)),
      vault_id_(std::move(vault_id)),
      id_key_(derive(root_, "record ids", vault_id_)),
      label_key_(derive(root_, "labels", vault_id_)),
      set_key_(derive(root_, "set of rows", vault_id_)),
      header_key_(derive(root_, "header", vault_id_)) {}

RecordId Sealer::id(Kind kind, std::initializer_list<std::string_view> parts) const {
  std::string name;
  put_number(name, static_cast<uint8_t>(kind));
  name += length_prefixed(parts);
  return *RecordId::from(keyed_hash(id_key_, name));
}

Label Sealer::label(std::initializer_list<std::string_view> parts) const {
  const std::string hash = keyed_hash(label_key_, length_prefixed(parts));
  Label label = *Label::from(std::string_view(hash).substr(0, 16));
  if (label.is_mark()) label.octets[0] = 1;
  return label;
}

Label Sealer::mark(std::string_view name) const {
  Label label = this->label({name});
  label.octets[0] = 0;
  return label;
}

std::string Sealer::set_item(const RowKey& key, const RowHeader& row) const {
  std::string item;
  put_number(item, static_cast<uint8_t>(key.kind));
  item += key.id.view();
  put_number(item, row.epoch);
  put_number(item, row.generation);
  put_labels(item, row.labels);
  return keyed_hash(set_key_, item);
}

std::string Sealer::header_mac(std::string_view header) const {
  return keyed_hash(header_key_, header);
}

BriefKey Sealer::row_key(const RowKey& key, uint32_t epoch) const {
  if (epoch == root_epoch) return derive_brief(root_, "record", key.id.view());
  return derive_brief(epochs_.at(epoch), "record", key.id.view());
}

// Of fixed width throughout but for the labels at its end, whose number it says: so no two rows
// share it.
std::string Sealer::associated(const RowKey& key, const RowHeader& header) const {
  std::string text = "reeve/record";
  text += vault_id_;
  put_number(text, static_cast<uint8_t>(key.kind));
  text += key.id.view();
  return text + encode(header);
}

std::string Sealer::seal_row(const RowKey& key, const RowHeader& header,
                             std::string_view plain) const {
  assert(knows_epoch(header.epoch) && header.labels.size() <= label_limit);
  std::string row = encode(header);
  row += seal(row_key(key, header.epoch), plain, associated(key, header));
  return row;
}

Result<RowHeader> Sealer::read_header(const RowKey& key, std::string_view row) {
  OctetReader reader(row);
  const auto schema = reader.number<uint8_t>();
  RowHeader header;
  header.epoch = reader.number<uint32_t>();
  header.generation = reader.number<uint64_t>();
  if (!reader.ok()) return damaged(key, "cut short");
  if (schema == plain_schema) return header;
  if (schema != labelled_schema) {
    return damaged(key, "of schema " + std::to_string(schema) + ": damaged, or of a newer reeve");
  }
  const auto count = reader.number<uint8_t>();
  if (count == 0 || count > label_limit) return damaged(key, "changed: no such number of labels");
  for (int i = 0; i < count; ++i) {
    const auto label = Label::from(reader.take(sizeof(Label)));
    if (!label) return damaged(key, "cut short");
    header.labels.push_back(*label);
  }
  return header;
}

Result<Secret> Sealer::open_row(const RowKey& key, std::string_view row) const {
  REEVE_TRY(const RowHeader header, read_header(key, row));
  if (!knows_epoch(header.epoch)) {
    return damaged(key, "of epoch " + std::to_string(header.epoch) + ", which has no key here");
  }
  const std::string_view sealed = row.substr(encode(header).size());
  if (sealed.size() < seal_overhead) return damaged(key, "cut short");
  std::optional<Secret> plain = unseal(row_key(key, header.epoch), sealed, associated(key, header));
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
