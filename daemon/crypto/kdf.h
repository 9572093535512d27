// kdf: one key out of another, for one use and one thing.
//
// child = BLAKE2b-256(key = parent, personal = "reeve/derive/v1", length_prefixed({label, id})).
// The label names the use and is a literal; the id names the thing. A child says nothing of its
// parent or its siblings.
#pragma once

#include <string_view>

#include "crypto/key.h"

namespace reeve {

Key derive(KeyView parent, std::string_view label, std::string_view id = {});
// The same key, for use within one call.
BriefKey derive_brief(KeyView parent, std::string_view label, std::string_view id = {});

}  // namespace reeve
