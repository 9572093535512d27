// Arbitrary text as JSON: never a crash; what is read can be written and read again as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/json.h"
#include "base/json_writer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = reeve::parse_json(text);
  if (!read) return 0;
  const std::string written = reeve::to_text(*read);
  reeve::JsonLimits limits;
  limits.bytes = written.size();
  const auto again = reeve::parse_json(written, limits);
  if (!again || reeve::to_text(*again) != written) std::abort();
  return 0;
}
