// TableReader: takes the values out of one table, and turns whatever is wrong into errors.
//
// Each accessor asks for one key by name and type. What is absent is nullopt; what is of another
// type or out of bounds is an error and nullopt too, so that the reader of a table goes on and
// finds them all. finish() then reports every key that nobody asked for.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/config_report.h"
#include "config/toml_node.h"

namespace reeve {

// What a text must look like: a test, and the words for "expected ...".
struct TextRule {
  bool (*test)(const std::string&);
  const char* expected;
};

class TableReader {
 public:
  // `table` is the name in brackets; `prefix` stands before keys of an inline table: "endpoints.".
  // A node that is no table is an error, and reads as an empty one.
  TableReader(const TomlNode& node, std::string table, ConfigReport& report,
              std::string prefix = "");

  // The raw value, marked as known; null where absent.
  const TomlNode* take(std::string_view key);
  bool has(std::string_view key) const { return node_.find(key) != nullptr; }

  std::optional<std::string> text(std::string_view key);
  std::optional<std::string> text(std::string_view key, const TextRule& rule);
  std::optional<bool> boolean(std::string_view key);
  std::optional<int64_t> integer(std::string_view key, int64_t least, int64_t most);
  // A list of texts without duplicates, of `least` members at least.
  std::optional<std::vector<std::string>> texts(std::string_view key, const TextRule& rule,
                                                size_t least = 0);
  // The same, where one text may stand without brackets.
  std::optional<std::vector<std::string>> one_or_more(std::string_view key, const TextRule& rule);
  // A table that maps names to texts.
  std::optional<std::vector<std::pair<std::string, std::string>>> pairs(std::string_view key);
  // One of some words.
  template <class T>
  std::optional<T> choice(std::string_view key,
                          std::initializer_list<std::pair<std::string_view, T>> words);
  // A reader of the member table; nullopt where absent. The caller finishes it.
  std::optional<TableReader> table(std::string_view key);
  // Readers of a list of tables, "KEY[0]" and so on.
  std::vector<TableReader> tables(std::string_view key);

  // Puts a value that is there into `target`, and leaves the default where it is not.
  template <class T>
  static void set(T& target, std::optional<T> value) {
    if (value) target = *std::move(value);
  }

  // "[table] prefix.key: TEXT", at the key, or at the table where it has no such key.
  void error(std::string_view key, std::string_view text);
  void warning(std::string_view key, std::string_view text);
  void expected(std::string_view key, std::string_view what);
  // Reports that a required key of a table is absent. True if it is there.
  bool require(std::string_view key, std::string_view what);
  void finish();

  Place place() const { return node_.place(); }
  const std::string& name() const { return table_; }
  ConfigReport& report() { return report_; }

 private:
  Place place_of(std::string_view key) const;
  std::string where(std::string_view key) const;
  std::vector<std::string> checked(std::string_view key, const TomlArray& values,
                                   const TextRule& rule);

  const TomlNode& node_;
  std::string table_;
  std::string prefix_;
  ConfigReport& report_;
  std::vector<std::string> known_;
};

template <class T>
std::optional<T> TableReader::choice(std::string_view key,
                                     std::initializer_list<std::pair<std::string_view, T>> words) {
  const TomlNode* node = take(key);
  if (!node) return std::nullopt;
  std::string list;
  for (const auto& [word, value] : words) {
    if (node->text() && *node->text() == word) return value;
    list.append(list.empty() ? "one of \"" : ", \"").append(word).append("\"");
  }
  expected(key, list);
  return std::nullopt;
}

}  // namespace reeve
