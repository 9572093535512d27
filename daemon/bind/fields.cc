#include "bind/fields.h"

#include <algorithm>

namespace reeve {
namespace {

constexpr size_t kMostFields = 32;

}  // namespace

std::optional<Fields> Fields::parse(std::string_view text) {
  auto pairs = parse_form(text, kMostFields);
  if (!pairs) return std::nullopt;
  Fields fields;
  for (auto& pair : *pairs) {
    const bool twice =
        std::any_of(fields.fields_.begin(), fields.fields_.end(),
                    [&pair](const auto& field) { return field.first == pair.first; });
    if (twice) return std::nullopt;
    fields.fields_.push_back(std::move(pair));
  }
  return fields;
}

const std::string* Fields::find(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (key == name && !value.empty()) return &value;
  }
  return nullptr;
}

const std::string& Fields::text(std::string_view name) const {
  static const std::string none;
  const std::string* value = find(name);
  return value == nullptr ? none : *value;
}

bool plain(std::string_view text, size_t limit) {
  return text.size() <= limit &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7E; });
}

bool opaque(std::string_view text, size_t limit) {
  return !text.empty() && text.size() <= limit && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_' || c == '.' || c == '~';
  });
}

}  // namespace reeve
