#include "config/parse_toml.h"

#include <algorithm>
#include <string>

#include "base/encoding.h"

// The library asserts what a wrong text can break ("[+]"), and with NDEBUG tells the compiler to
// take it for granted. It also checks each and reports an error, so its assertions are switched
// off, and the assumptions with them.
#undef NDEBUG
#define TOML_ASSERT(condition) static_assert(true)
#define TOML_EXCEPTIONS 0
#define TOML_HEADER_ONLY 1
#define TOML_ENABLE_FORMATTERS 0
#define TOML_MAX_NESTED_VALUES 12
#include <toml++/toml.h>

namespace reeve {
namespace {

static_assert(TOML_MAX_NESTED_VALUES == toml_depth_limit);

// Blind to strings on purpose: a lexer of our own that disagreed with the library's would be a
// hole.
bool bounded(std::string_view text, uint32_t file, ConfigReport& report) {
  if (text.size() > toml_bytes_limit) {
    report.error({file, 0}, "", "longer than " + std::to_string(toml_bytes_limit) + " bytes");
    return false;
  }
  uint32_t line = 1;
  size_t dots = 0;
  for (const char c : text) {
    if (c == '\n') {
      ++line;
      dots = 0;
    } else if (c == '.' && ++dots > toml_line_dots_limit) {
      report.error({file, line}, "",
                   "more than " + std::to_string(toml_line_dots_limit) +
                       " dots in one line: break the line");
      return false;
    }
  }
  return true;
}

class Converter {
 public:
  Converter(uint32_t file, ConfigReport& report) : file_(file), report_(report) {}

  // A table that only its members' headers imply has no place of its own: its first member's
  // counts.
  TomlNode convert(const toml::node& node, Place place, size_t depth) {
    if (node.source().begin.line > 0) place.line = node.source().begin.line;
    if (depth > toml_depth_limit) {
      if (!too_deep_) report_.error(place, "", "nested too deeply");
      too_deep_ = true;
      return {};
    }
    if (const auto* table = node.as_table()) return from_table(*table, place, depth);
    if (const auto* array = node.as_array()) {
      TomlArray values;
      for (const toml::node& value : *array) values.push_back(convert(value, place, depth + 1));
      return {std::move(values), place};
    }
    if (const auto* text = node.as_string()) return {text->get(), place};
    if (const auto* number = node.as_integer()) return {number->get(), place};
    if (const auto* boolean = node.as_boolean()) return {boolean->get(), place};
    return {TomlNode::Other{}, place};
  }

  bool failed() const { return too_deep_; }

 private:
  TomlNode from_table(const toml::table& table, Place place, size_t depth) {
    TomlTable members;
    uint32_t first = 0;
    for (const auto& [key, value] : table) {
      const Place at{file_, static_cast<uint32_t>(key.source().begin.line)};
      members.emplace_back(std::string(key.str()), convert(value, at, depth + 1));
      const uint32_t line = members.back().second.place().line;
      if (line > 0 && (first == 0 || line < first)) first = line;
    }
    if (place.line == 0) place.line = first;
    return {std::move(members), place};
  }

  uint32_t file_;
  ConfigReport& report_;
  bool too_deep_ = false;
};

}  // namespace

std::optional<TomlNode> parse_toml(std::string_view text, uint32_t file, ConfigReport& report) {
  if (!bounded(text, file, report)) return std::nullopt;
  if (!valid_utf8(text)) {
    report.error({file, 0}, "", "expected UTF-8 text");
    return std::nullopt;
  }
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    report.error({file, static_cast<uint32_t>(error.source().begin.line)}, "", error.description());
    return std::nullopt;
  }
  Converter converter(file, report);
  TomlNode root = converter.convert(parsed.table(), {file, 0}, 0);
  if (converter.failed()) return std::nullopt;
  return root;
}

}  // namespace reeve
