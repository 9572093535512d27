#include "crypto/aead.h"

#include <sodium.h>

namespace reeve {
namespace {

static_assert(nonce_bytes == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(tag_bytes == crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(Key::bytes == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

std::string seal(KeyView key, std::string_view plain, std::string_view associated) {
  std::string sealed(plain.size() + seal_overhead, '\0');
  randombytes_buf(sealed.data(), nonce_bytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(octets(sealed) + nonce_bytes, nullptr, octets(plain),
                                             plain.size(), octets(associated), associated.size(),
                                             nullptr, octets(sealed), key.data());
  return sealed;
}

std::optional<Secret> unseal(KeyView key, std::string_view sealed, std::string_view associated) {
  if (sealed.size() < seal_overhead) return std::nullopt;
  std::string plain(sealed.size() - seal_overhead, '\0');
  // Nothing is written to `plain` unless the tag holds.
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          octets(plain), nullptr, nullptr, octets(sealed) + nonce_bytes,
          sealed.size() - nonce_bytes, octets(associated), associated.size(), octets(sealed),
          key.data()) != 0) {
    return std::nullopt;
  }
  return Secret(std::move(plain));
}

}  // namespace reeve
