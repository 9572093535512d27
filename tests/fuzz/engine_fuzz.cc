// Arbitrary bytes as an engine's answers: never a crash; what is taken is plain and bounded.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "attest/engine_answer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view answer(reinterpret_cast<const char*>(data), size);
  const std::string id(64, 'a');
  if (const auto facts = reeve::read_container(answer, id)) {
    if (facts->labels.size() > 128 || facts->digests.size() > 1) std::abort();
    for (const auto& [name, value] : facts->labels) {
      if (name.empty() || value.empty() || value.find('\n') != std::string::npos) std::abort();
    }
  }
  if (const auto digests = reeve::read_image_digests(answer)) {
    for (const auto& digest : *digests) {
      if (digest.size() != 71) std::abort();
    }
  }
  return 0;
}
