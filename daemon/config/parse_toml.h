// parse_toml: TOML text -> TomlNode. The only file that includes toml++.
//
// The library recurses over nested values and over dotted keys (100,000 of them overflow its
// stack), so size, nesting and the dots of a line are bounded before and while it reads.
#pragma once

#include <optional>
#include <string_view>

#include "config/config_report.h"
#include "config/toml_node.h"

namespace reeve {

constexpr size_t toml_bytes_limit = size_t{1024} * 1024;
constexpr size_t toml_line_dots_limit = 200;
constexpr size_t toml_depth_limit = 12;

// The root table; nullopt after an error was reported (the first one: the parser stops there).
std::optional<TomlNode> parse_toml(std::string_view text, uint32_t file, ConfigReport& report);

}  // namespace reeve
