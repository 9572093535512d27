#include "crypto/sign.h"

#include <sodium.h>

#include <array>
#include <utility>

#include "base/encoding.h"
#include "base/secret.h"

namespace reeve {
namespace {

static_assert(Key::bytes == crypto_sign_SEEDBYTES);
static_assert(public_key_bytes == crypto_sign_PUBLICKEYBYTES);
static_assert(signature_bytes == crypto_sign_BYTES);

constexpr std::string_view kBegin = "-----BEGIN PUBLIC KEY-----\n";
constexpr std::string_view kEnd = "\n-----END PUBLIC KEY-----\n";
// SubjectPublicKeyInfo of id-Ed25519, before the 32 octets (RFC 8410 section 4).
constexpr std::string_view kInfo("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00", 12);

const unsigned char* octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* octets(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// The seed and the public key behind it, as libsodium wants them; for one call, on the stack.
struct Expanded {
  explicit Expanded(KeyView seed) {
    crypto_sign_seed_keypair(public_key.data(), secret.data(), seed.data());
  }
  Expanded(const Expanded&) = delete;
  Expanded& operator=(const Expanded&) = delete;
  ~Expanded() { wipe(secret.data(), secret.size()); }

  std::array<unsigned char, crypto_sign_SECRETKEYBYTES> secret{};
  std::array<unsigned char, crypto_sign_PUBLICKEYBYTES> public_key{};
};

}  // namespace

SigningKey::SigningKey(Key seed, std::string public_key)
    : seed_(std::move(seed)), public_key_(std::move(public_key)) {}

SigningKey SigningKey::random() { return from_seed(Key::random()); }

SigningKey SigningKey::from_seed(KeyView seed) {
  const Expanded expanded(seed);
  const std::string_view seed_octets(reinterpret_cast<const char*>(seed.data()), Key::bytes);
  return {*Key::from_bytes(seed_octets),
          std::string(expanded.public_key.begin(), expanded.public_key.end())};
}

std::string SigningKey::sign(std::string_view text) const {
  const Expanded expanded(seed_);
  std::string signature(signature_bytes, '\0');
  crypto_sign_detached(octets(signature), nullptr, octets(text), text.size(),
                       expanded.secret.data());
  return signature;
}

bool signature_holds(std::string_view public_key, std::string_view text,
                     std::string_view signature) {
  return public_key.size() == public_key_bytes && signature.size() == signature_bytes &&
         crypto_sign_verify_detached(octets(signature), octets(text), text.size(),
                                     octets(public_key)) == 0;
}

std::string public_key_pem(std::string_view public_key) {
  return std::string(kBegin) + base64(std::string(kInfo) + std::string(public_key)) +
         std::string(kEnd);
}

// Of one key there is one text: the 32 octets stand at the end of the base64, which is read back by
// writing it again.
std::optional<std::string> read_public_key_pem(std::string_view pem) {
  const size_t begin = pem.find(kBegin);
  if (begin == std::string_view::npos) return std::nullopt;
  std::string text(pem.substr(begin + kBegin.size()));
  const size_t end = text.find_first_of("=\r\n");
  text.resize(end == std::string::npos ? text.size() : end);
  for (char& letter : text) letter = letter == '+' ? '-' : letter == '/' ? '_' : letter;
  const std::optional<std::string> info = base64url_decode(text);
  if (!info || info->size() != kInfo.size() + public_key_bytes || !info->starts_with(kInfo)) {
    return std::nullopt;
  }
  return info->substr(kInfo.size());
}

}  // namespace reeve
