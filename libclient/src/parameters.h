// Parameters: the text of a call's JSON object, put together member by member. What is not said (a
// null, a number below 0) is left out. Whether texts are UTF-8 is seen when the call is encoded.
#pragma once

#include <cstdint>

#include "src/bytes.h"

namespace reeve::client {

class Parameters final {
 public:
  Parameters& text(const char* name, const char* value);
  Parameters& number(const char* name, int64_t value);
  Parameters& flag(const char* name, bool value);
  Parameters& texts(const char* name, const char* const* values, size_t count);
  Parameters& user(const char* issuer, const char* subject);

  // Ends the object. Its text lies in this value.
  const Bytes& whole();

 private:
  void name(const char* name);
  void quoted(std::string_view text);

  Bytes text_;
};

}  // namespace reeve::client
