// Header: the one row that is not sealed: what this vault is, and its root key under each master
// key that may open it.
//
// A slot is one master key's way in: the service's own (a systemd credential or a file), a recovery
// key. A backup is opened elsewhere with any of them. A MAC under the root key covers the whole, so
// slots cannot be added, removed or exchanged by whoever merely holds the file.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/key.h"
#include "vault/record.h"
#include "vault/sealer.h"

namespace reeve {

enum class SlotKind : uint8_t { service = 1, recovery = 2 };

struct Slot {
  SlotKind kind{};
  std::string fingerprint;  // 16 octets that tell a wrong key from a damaged slot
  std::string sealed_root;
};

struct Header {
  std::string vault_id;  // 16 random octets
  uint64_t generation = 0;
  std::vector<Slot> slots;
};

constexpr size_t vault_id_bytes = 16;
constexpr size_t slot_limit = 16;
constexpr RowKey header_key{Kind::header, {}};
constexpr RowKey head_key{Kind::head, {}};

Slot make_slot(SlotKind kind, std::string_view vault_id, const Key& master, const Key& root);

std::string encode_header(const Header& header, const Sealer& sealer);

// The header and the root key's Sealer, checked against each other. Code::invalid: of a newer
// reeve; denied: no slot is for this master key; corrupt: no header of ours, or changed.
struct OpenedHeader {
  Header header;
  Sealer sealer;
};
Result<OpenedHeader> open_header(std::string_view row, const Key& master);

}  // namespace reeve
