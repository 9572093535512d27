// The daemon's errors as values of reeve_error, and what to tell of them.
#pragma once

#include "src/reply.h"

namespace reeve::client {

// Of an error's full name; REEVE_OTHER_ERROR for one that is unknown here.
reeve_error code_of(const char* name);

// The value of a reply's error; this thread's detail says more: names and reasons, no secret.
reeve_error tell(const reeve_reply& reply);

}  // namespace reeve::client
