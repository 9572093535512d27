#include "config/table_reader.h"

#include <algorithm>

namespace reeve {

TableReader::TableReader(const TomlNode& node, std::string table, ConfigReport& report,
                         std::string prefix)
    : node_(node), table_(std::move(table)), prefix_(std::move(prefix)), report_(report) {
  if (!node.table()) report_.error(node.place(), where(""), "expected a table");
}

Place TableReader::place_of(std::string_view key) const {
  const TomlNode* node = node_.find(key);
  return node ? node->place() : node_.place();
}

std::string TableReader::where(std::string_view key) const {
  std::string text = "[" + table_ + "]";
  std::string path = prefix_ + std::string(key);
  if (key.empty() && !path.empty()) path.pop_back();  // the inline table itself: no dot after it
  if (!path.empty()) text += " " + path;
  return text;
}

void TableReader::error(std::string_view key, std::string_view text) {
  report_.error(place_of(key), where(key), text);
}

void TableReader::warning(std::string_view key, std::string_view text) {
  report_.warning(place_of(key), where(key), text);
}

void TableReader::expected(std::string_view key, std::string_view what) {
  error(key, "expected " + std::string(what));
}

bool TableReader::require(std::string_view key, std::string_view what) {
  if (has(key)) return true;
  if (!node_.table()) return false;  // said already
  error(key, "missing: expected " + std::string(what));
  return false;
}

const TomlNode* TableReader::take(std::string_view key) {
  known_.emplace_back(key);
  return node_.find(key);
}

std::optional<std::string> TableReader::text(std::string_view key) {
  static constexpr TextRule any{[](const std::string& text) { return !text.empty(); },
                                "a text, not empty"};
  return text(key, any);
}

std::optional<std::string> TableReader::text(std::string_view key, const TextRule& rule) {
  const TomlNode* node = take(key);
  if (!node) return std::nullopt;
  if (node->text() && rule.test(*node->text())) return *node->text();
  expected(key, rule.expected);
  return std::nullopt;
}

std::optional<bool> TableReader::boolean(std::string_view key) {
  const TomlNode* node = take(key);
  if (!node) return std::nullopt;
  if (node->boolean()) return *node->boolean();
  expected(key, "true or false");
  return std::nullopt;
}

std::optional<int64_t> TableReader::integer(std::string_view key, int64_t least, int64_t most) {
  const TomlNode* node = take(key);
  if (!node) return std::nullopt;
  const int64_t* number = node->integer();
  if (number && *number >= least && *number <= most) return *number;
  expected(key, "a whole number from " + std::to_string(least) + " to " + std::to_string(most));
  return std::nullopt;
}

std::vector<std::string> TableReader::checked(std::string_view key, const TomlArray& values,
                                              const TextRule& rule) {
  std::vector<std::string> texts;
  for (const TomlNode& value : values) {
    if (!value.text() || !rule.test(*value.text())) {
      report_.error(value.place(), where(key), std::string("each: expected ") + rule.expected);
    } else if (std::find(texts.begin(), texts.end(), *value.text()) != texts.end()) {
      report_.error(value.place(), where(key), "\"" + *value.text() + "\" stands here twice");
    } else {
      texts.push_back(*value.text());
    }
  }
  return texts;
}

std::optional<std::vector<std::string>> TableReader::texts(std::string_view key,
                                                           const TextRule& rule, size_t least) {
  const TomlNode* node = take(key);
  if (!node) return std::nullopt;
  if (node->array() && node->array()->size() >= least) return checked(key, *node->array(), rule);
  const char* list = least == 0 ? "a list in brackets, each " : "a list, not empty, each ";
  expected(key, std::string(list) + rule.expected);
  return std::nullopt;
}

std::optional<std::vector<std::string>> TableReader::one_or_more(std::string_view key,
                                                                 const TextRule& rule) {
  const TomlNode* node = take(key);
  if (!node) return std::nullopt;
  if (node->array() && !node->array()->empty()) return checked(key, *node->array(), rule);
  if (node->text() && rule.test(*node->text())) return std::vector<std::string>{*node->text()};
  expected(key, std::string(rule.expected) + ", or a list of them");
  return std::nullopt;
}

std::optional<std::vector<std::pair<std::string, std::string>>> TableReader::pairs(
    std::string_view key) {
  const TomlNode* node = take(key);
  if (!node) return std::nullopt;
  if (!node->table()) {
    expected(key, "a table of names and texts");
    return std::nullopt;
  }
  std::vector<std::pair<std::string, std::string>> found;
  for (const auto& [name, value] : *node->table()) {
    if (value.text()) {
      found.emplace_back(name, *value.text());
    } else {
      report_.error(value.place(), where(std::string(key) + "." + name), "expected a text");
    }
  }
  return found;
}

std::optional<TableReader> TableReader::table(std::string_view key) {
  const TomlNode* node = take(key);
  if (!node) return std::nullopt;
  return TableReader(*node, table_, report_, prefix_ + std::string(key) + ".");
}

std::vector<TableReader> TableReader::tables(std::string_view key) {
  std::vector<TableReader> readers;
  const TomlNode* node = take(key);
  if (!node) return readers;
  if (!node->array()) {
    expected(key, "a list of tables");
    return readers;
  }
  size_t index = 0;
  for (const TomlNode& value : *node->array()) {
    const std::string path = std::string(key) + "[" + std::to_string(index++) + "]";
    readers.emplace_back(value, table_, report_, prefix_ + path + ".");
  }
  return readers;
}

void TableReader::finish() {
  if (!node_.table()) return;
  for (const auto& [name, value] : *node_.table()) {
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    std::string list;
    for (const std::string& known : known_) list.append(list.empty() ? "" : ", ").append(known);
    error(name, "unknown key: expected one of " + list);
  }
}

}  // namespace reeve
