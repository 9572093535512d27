// frame: one call as it stands in a frame (https://varlink.org/Method-Call): a JSON object without
// its NUL.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace reeve::varlink {

struct CallFrame {
  std::string method;
  Json parameters;  // always an object
  bool more = false, oneway = false;
  // What is wrong with it: the member's name, or why it is no call at all; empty: nothing.
  std::string problem;
  // Nothing that follows on this connection can be trusted to be a frame.
  bool broken = false;
};

CallFrame read_call(std::string_view frame, size_t limit);

}  // namespace reeve::varlink
