#include "crypto/sha256_stream.h"

#include <openssl/evp.h>

#include "crypto/hash.h"

namespace reeve {

Sha256Stream::Sha256Stream()
    : context_(::EVP_MD_CTX_new()),
      sound_(context_ != nullptr && ::EVP_DigestInit_ex(context_, ::EVP_sha256(), nullptr) == 1) {}

Sha256Stream::~Sha256Stream() { ::EVP_MD_CTX_free(context_); }

void Sha256Stream::add(std::string_view piece) {
  sound_ = sound_ && ::EVP_DigestUpdate(context_, piece.data(), piece.size()) == 1;
}

std::optional<std::string> Sha256Stream::finish() {
  std::string digest(hash_bytes, '\0');
  auto* const bytes = reinterpret_cast<unsigned char*>(digest.data());
  if (!sound_ || ::EVP_DigestFinal_ex(context_, bytes, nullptr) != 1) return std::nullopt;
  sound_ = false;
  return digest;
}

}  // namespace reeve
