// JSON pointers (RFC 6901): how a preset names a member of a provider's answer.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace reeve {

// "" (the whole), or steps that each begin with '/'; '~' only as "~0" and "~1"; at most 256 bytes.
bool valid_pointer(std::string_view pointer);
// The pointer to the member of that name.
std::string pointer_to(std::string_view name);
// The value there; null where there is none, or the pointer is broken. Arrays are stepped into by
// index without leading zero.
const Json* at_pointer(const Json& root, std::string_view pointer);
Json* at_pointer(Json& root, std::string_view pointer);

}  // namespace reeve
