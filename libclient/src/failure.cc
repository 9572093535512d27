#include "src/failure.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace reeve::client {
namespace {

thread_local char kept[512];  // of this thread's last failure

bool safe(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         (c != '\0' && std::strchr("._:-/ ", c) != nullptr);
}

}  // namespace

reeve_error fail(reeve_error code, const char* format, ...) {
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(kept, sizeof(kept), format, arguments);
  va_end(arguments);
  return code;
}

reeve_error fail(reeve_error code) {
  kept[0] = '\0';
  return code;
}

void begin() { kept[0] = '\0'; }

const char* detail() { return kept; }

Word word(const char* from) {
  Word made = {"?"};
  size_t length = 0;
  if (from == nullptr || *from == '\0') return made;
  for (; from[length] != '\0'; ++length) {
    if (length + 1 == sizeof(made.text) || !safe(from[length])) return {"?"};
    made.text[length] = from[length];
  }
  made.text[length] = '\0';
  return made;
}

}  // namespace reeve::client
