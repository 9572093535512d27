// json_scan: whether a text is one strict JSON object, and where its members lie.
//
// It builds no value: the library looks at a frame's own members and hands the rest on as text. But
// it checks all of it, so that whoever reads that text next cannot be led to read something else:
// UTF-8, the grammar of RFC 8259, no duplicate key at any level, nesting at most kJsonDepth.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve::client {

constexpr int kJsonDepth = 16;

struct JsonMember {
  std::string key;         // escapes resolved
  std::string_view value;  // its text within the scanned text, without blanks around it
};

std::optional<std::vector<JsonMember>> scan_object(std::string_view text);

}  // namespace reeve::client
