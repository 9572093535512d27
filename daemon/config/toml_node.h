// TomlNode: one value of a TOML document, with the place where it was written.
//
// Our own small value, so that toml++ (a large header) stays in parse_toml.cc. Accessors are total.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "config/config_report.h"

namespace reeve {

class TomlNode;
using TomlArray = std::vector<TomlNode>;
// Members with unique keys.
using TomlTable = std::vector<std::pair<std::string, TomlNode>>;

class TomlNode {
 public:
  struct Other {};  // a date, a time or a fraction: no key of ours takes one
  using Held = std::variant<Other, bool, int64_t, std::string, TomlArray, TomlTable>;

  TomlNode() = default;
  TomlNode(Held held, Place place) : held_(std::move(held)), place_(place) {}

  Place place() const { return place_; }
  // Null where the value is of another type.
  const bool* boolean() const { return std::get_if<bool>(&held_); }
  const int64_t* integer() const { return std::get_if<int64_t>(&held_); }
  const std::string* text() const { return std::get_if<std::string>(&held_); }
  const TomlArray* array() const { return std::get_if<TomlArray>(&held_); }
  const TomlTable* table() const { return std::get_if<TomlTable>(&held_); }
  TomlTable* table() { return std::get_if<TomlTable>(&held_); }

  // The member of that name; null where this is no table, or it has none.
  const TomlNode* find(std::string_view key) const {
    const TomlTable* members = table();
    if (!members) return nullptr;
    for (const auto& [name, node] : *members) {
      if (name == key) return &node;
    }
    return nullptr;
  }

 private:
  Held held_;
  Place place_;
};

}  // namespace reeve
