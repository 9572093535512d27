// Failure: how the library's own code says no. It is thrown within, and caught by the guard in
// reeve.cc, which hands out the code and keeps the text for reeve_detail().
#pragma once

#include <string>

#include "reeve.h"

namespace reeve::client {

struct Failure {
  reeve_error code;
  std::string detail;  // for people; holds no byte that was sent or received
};

}  // namespace reeve::client
