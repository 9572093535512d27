#include "base/result.h"

#include <cstring>

namespace reeve {

Error errno_error(std::string_view what, int number) {
  char buffer[128];
  const char* text = strerror_r(number, buffer, sizeof buffer);
  std::string message(what);
  message.append(": ").append(text);
  return {Code::io, std::move(message)};
}

}  // namespace reeve
