#include "vault/record.h"

#include <algorithm>

#include "base/encoding.h"

namespace reeve {

std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::header: return "header";
    case Kind::head: return "head";
    case Kind::epoch_key: return "epoch key";
    case Kind::grant: return "grant";
    case Kind::access_token: return "access token";
    case Kind::session: return "session";
    case Kind::consent: return "consent";
    case Kind::browser: return "browser";
    case Kind::intent: return "intent";
    case Kind::setting: return "setting";
  }
  return "unknown kind";
}

bool kind_known(uint8_t number) {
  return number >= static_cast<uint8_t>(Kind::header) &&
         number <= static_cast<uint8_t>(Kind::setting);
}

std::optional<RecordId> RecordId::from(std::string_view octets) {
  RecordId id;
  if (octets.size() != id.octets.size()) return std::nullopt;
  std::copy(octets.begin(), octets.end(), id.octets.begin());
  return id;
}

std::string_view RecordId::view() const {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

std::optional<Label> Label::from(std::string_view octets) {
  Label label;
  if (octets.size() != label.octets.size()) return std::nullopt;
  std::copy(octets.begin(), octets.end(), label.octets.begin());
  return label;
}

std::string_view Label::view() const {
  return {reinterpret_cast<const char*>(octets.data()), octets.size()};
}

std::string row_name(const RowKey& key) {
  return std::string(kind_name(key.kind)) + " " + hex(key.id.view().substr(0, 4));
}

}  // namespace reeve
