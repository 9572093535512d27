#include "crypto/box.h"

#include <sodium.h>

#include <utility>

#include "crypto/kdf.h"

namespace reeve {
namespace {

static_assert(Key::bytes == crypto_box_SECRETKEYBYTES);
static_assert(Key::bytes == crypto_box_PUBLICKEYBYTES);

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

}  // namespace

SealKeys::SealKeys(Key private_key, std::string public_key)
    : private_key_(std::move(private_key)), public_key_(std::move(public_key)) {}

SealKeys SealKeys::random() {
  const Key seed = Key::random();
  return from_seed(seed);
}

SealKeys SealKeys::from_seed(KeyView seed) {
  // Any 32 octets are an X25519 private key (RFC 7748 section 5).
  Key private_key = derive(seed, "seal keys");
  std::string public_key(crypto_box_PUBLICKEYBYTES, '\0');
  crypto_scalarmult_base(octets(public_key), private_key.data());
  return SealKeys(std::move(private_key), std::move(public_key));
}

std::optional<Secret> SealKeys::open(std::string_view sealed) const {
  if (sealed.size() < crypto_box_SEALBYTES) return std::nullopt;
  std::string plain(sealed.size() - crypto_box_SEALBYTES, '\0');
  if (crypto_box_seal_open(octets(plain), octets(sealed), sealed.size(), octets(public_key_),
                           private_key_.data()) != 0) {
    return std::nullopt;
  }
  return Secret(std::move(plain));
}

std::optional<std::string> seal_to(std::string_view public_key, std::string_view plain) {
  if (public_key.size() != crypto_box_PUBLICKEYBYTES) return std::nullopt;
  std::string sealed(plain.size() + crypto_box_SEALBYTES, '\0');
  // Refused: a point of small order, with which every sealer would share one known key.
  if (crypto_box_seal(octets(sealed), octets(plain), plain.size(), octets(public_key)) != 0) {
    return std::nullopt;
  }
  return sealed;
}

}  // namespace reeve
