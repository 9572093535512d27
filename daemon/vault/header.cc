#include "vault/header.h"

#include <utility>

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"
#include "vault/octets.h"

namespace reeve {
namespace {

constexpr std::string_view magic = "REEVEVLT";
constexpr uint16_t format_version = 1;
constexpr size_t fingerprint_bytes = 16;

std::string slot_associated(SlotKind kind, std::string_view vault_id) {
  std::string text = "reeve/slot";
  text += vault_id;
  put_number(text, static_cast<uint8_t>(kind));
  return text;
}

std::string fingerprint_of(const Key& master, std::string_view vault_id) {
  const Key whole = derive(master, "slot fingerprint", vault_id);
  return std::string(whole.reveal().substr(0, fingerprint_bytes));
}

Error damaged(std::string_view what) {
  return {Code::corrupt, "the vault's header " + std::string(what)};
}

struct Parsed {
  Header header;
  std::string_view covered;  // by the MAC
  std::string_view mac;
};

Result<Parsed> parse(std::string_view row) {
  OctetReader reader(row);
  if (reader.take(magic.size()) != magic) return damaged("is not one of reeve's");
  const auto version = reader.number<uint16_t>();
  if (reader.ok() && version != format_version) {
    return Error{Code::invalid, "the vault is of format " + std::to_string(version) +
                                    ", this reeve knows " + std::to_string(format_version) +
                                    ": use the newer reeve that wrote it"};
  }
  Parsed parsed;
  parsed.header.vault_id = reader.take(vault_id_bytes);
  parsed.header.generation = reader.number<uint64_t>();
  const auto count = reader.number<uint8_t>();
  if (count > slot_limit) return damaged("has too many slots");
  for (int i = 0; i < count; ++i) {
    Slot slot;
    slot.kind = static_cast<SlotKind>(reader.number<uint8_t>());
    slot.fingerprint = reader.take(fingerprint_bytes);
    slot.sealed_root = reader.take(Key::bytes + seal_overhead);
    parsed.header.slots.push_back(std::move(slot));
  }
  parsed.covered = row.substr(0, row.size() - reader.rest().size());
  parsed.mac = reader.take(hash_bytes);
  if (!reader.complete()) return damaged("is cut short or too long");
  return parsed;
}

Result<Key> root_key(const Header& header, const Key& master) {
  const std::string fingerprint = fingerprint_of(master, header.vault_id);
  for (const Slot& slot : header.slots) {
    if (slot.fingerprint != fingerprint) continue;
    const std::optional<Secret> root =
        unseal(derive_brief(master, "slot", header.vault_id), slot.sealed_root,
               slot_associated(slot.kind, header.vault_id));
    if (!root) return damaged("was changed: the slot of this master key does not open");
    return *Key::from_bytes(root->reveal());
  }
  return Error{
      Code::denied,
      "the vault is sealed with another master key: start reeved with the key it was made with, "
      "or with its recovery key (nothing was changed)"};
}

}  // namespace

Slot make_slot(SlotKind kind, std::string_view vault_id, const Key& master, const Key& root) {
  return {
      kind, fingerprint_of(master, vault_id),
      seal(derive_brief(master, "slot", vault_id), root.reveal(), slot_associated(kind, vault_id))};
}

std::string encode_header(const Header& header, const Sealer& sealer) {
  std::string row(magic);
  put_number(row, format_version);
  row += header.vault_id;
  put_number(row, header.generation);
  put_number(row, static_cast<uint8_t>(header.slots.size()));
  for (const Slot& slot : header.slots) {
    put_number(row, static_cast<uint8_t>(slot.kind));
    row += slot.fingerprint;
    row += slot.sealed_root;
  }
  row += sealer.header_mac(row);
  return row;
}

Result<OpenedHeader> open_header(std::string_view row, const Key& master) {
  REEVE_TRY(Parsed parsed, parse(row));
  REEVE_TRY(Key root, root_key(parsed.header, master));
  Sealer sealer(std::move(root), parsed.header.vault_id);
  if (!equal_constant_time(sealer.header_mac(parsed.covered), parsed.mac)) {
    return damaged("was changed");
  }
  return OpenedHeader{std::move(parsed.header), std::move(sealer)};
}

}  // namespace reeve
