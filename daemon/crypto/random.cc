#include "crypto/random.h"

#include <sodium.h>

#include "base/encoding.h"

namespace reeve {

std::string random_bytes(size_t count) {
  std::string bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

Secret random_token() {
  std::string bytes = random_bytes(32);
  std::string text = base64url(bytes);
  wipe(bytes);
  return Secret(std::move(text));
}

}  // namespace reeve
