#include "crypto/hash.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <cassert>
#include <cstdint>
#include <cstdlib>
#include <memory>

namespace reeve {
namespace {

// Fetching costs more than the hash of a short text: done once, read by every thread.
const EVP_MD* fetched_sha256() {
  struct Free {
    void operator()(EVP_MD* digest) const { EVP_MD_free(digest); }
  };
  static const std::unique_ptr<EVP_MD, Free> digest(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  return digest.get();
}

constexpr unsigned char hash_personal[crypto_generichash_blake2b_PERSONALBYTES + 1] =
    "reeve/hash/v1\0\0";

}  // namespace

std::string sha256(std::string_view text) {
  std::string hash(hash_bytes, '\0');
  // Fails only without memory, or without a working OpenSSL.
  if (EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(hash.data()), nullptr,
                 fetched_sha256(), nullptr) != 1) {
    std::abort();
  }
  return hash;
}

std::string keyed_hash(KeyView key, std::string_view text) {
  std::string hash(hash_bytes, '\0');
  crypto_generichash_blake2b_salt_personal(
      reinterpret_cast<unsigned char*>(hash.data()), hash.size(),
      reinterpret_cast<const unsigned char*>(text.data()), text.size(), key.data(), Key::bytes,
      nullptr, hash_personal);
  return hash;
}

std::string length_prefixed(std::initializer_list<std::string_view> parts) {
  std::string text;
  for (const std::string_view part : parts) {
    assert(part.size() <= UINT32_MAX);
    for (int shift = 24; shift >= 0; shift -= 8) {
      text += static_cast<char>((part.size() >> shift) & 0xff);
    }
    text += part;
  }
  return text;
}

}  // namespace reeve
