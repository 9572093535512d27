// json_check: whether a text is one strict JSON object.
//
// All of it is checked, so that whoever reads it next cannot be led to read something else: UTF-8,
// the grammar of RFC 8259, no duplicate key at any level, nesting at most kJsonDepth.
#pragma once

#include <string_view>

namespace reeve::client {

constexpr int kJsonDepth = 16;

enum class JsonCheck { object, broken, no_memory };
JsonCheck check_object(std::string_view text);

}  // namespace reeve::client
