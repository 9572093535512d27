// Failures: a reeve_error is returned, and a text with more for people is kept for reeve_detail().
//
// The library is C++ without exceptions, without RTTI and without libstdc++'s compiled part, so
// that it needs libc alone: what may fail returns a reeve_error, memory comes from malloc.
#pragma once

#include <string_view>

#include "reeve.h"

namespace reeve::client {

// Returns `code`; the text, by printf's rules, becomes this thread's detail. No text holds a byte
// of a token or a handle: callers give names and reasons that failure.cc's word() let through.
[[gnu::format(printf, 2, 3)]] reeve_error fail(reeve_error code, const char* format, ...);
// The same, without a text.
reeve_error fail(reeve_error code);
// Forgets the detail of an earlier call.
void begin();
const char* detail();

// A word of the daemon's that is safe to show: up to 64 letters, digits and signs of names; what is
// anything else becomes "?". Ended by a NUL.
struct Word {
  char text[65];
};
Word word(const char* from);

}  // namespace reeve::client
