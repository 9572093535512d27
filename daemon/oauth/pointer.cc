#include "oauth/pointer.h"

#include <algorithm>
#include <optional>

namespace reeve {
namespace {

constexpr size_t kPointerBytes = 256;

std::string unescaped(std::string_view step) {
  std::string name;
  for (size_t i = 0; i < step.size(); ++i) {
    const bool escape = step[i] == '~' && i + 1 < step.size();
    if (escape) ++i;
    name += escape ? (step[i] == '1' ? '/' : '~') : step[i];
  }
  return name;
}

std::optional<size_t> index_of(std::string_view step) {
  if (step.empty() || step.size() > 6 || (step.size() > 1 && step[0] == '0')) return std::nullopt;
  size_t index = 0;
  for (const char c : step) {
    if (c < '0' || c > '9') return std::nullopt;
    index = index * 10 + static_cast<size_t>(c - '0');
  }
  return index;
}

Json* step_into(Json& value, std::string_view step) {
  if (JsonArray* array = value.array()) {
    const auto index = index_of(step);
    return index && *index < array->size() ? &(*array)[*index] : nullptr;
  }
  JsonObject* object = value.object();
  if (object == nullptr) return nullptr;
  const std::string name = unescaped(step);
  for (auto& [key, member] : *object) {
    if (key == name) return &member;
  }
  return nullptr;
}

}  // namespace

std::string pointer_to(std::string_view name) {
  std::string pointer = "/";
  for (const char c : name) {
    if (c == '~') pointer += "~0";
    else if (c == '/') pointer += "~1";
    else pointer += c;
  }
  return pointer;
}

bool valid_pointer(std::string_view pointer) {
  if (pointer.size() > kPointerBytes || (!pointer.empty() && pointer.front() != '/')) return false;
  for (size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] != '~') continue;
    if (i + 1 == pointer.size() || (pointer[i + 1] != '0' && pointer[i + 1] != '1')) return false;
  }
  return true;
}

Json* at_pointer(Json& root, std::string_view pointer) {
  if (!valid_pointer(pointer)) return nullptr;
  Json* value = &root;
  while (value != nullptr && !pointer.empty()) {
    pointer.remove_prefix(1);
    const size_t end = std::min(pointer.find('/'), pointer.size());
    value = step_into(*value, pointer.substr(0, end));
    pointer.remove_prefix(end);
  }
  return value;
}

const Json* at_pointer(const Json& root, std::string_view pointer) {
  // The steps change nothing; only the caller's value decides whether its result may be changed.
  return at_pointer(const_cast<Json&>(root), pointer);
}

}  // namespace reeve
