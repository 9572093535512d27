// sign: Ed25519 (RFC 8032), for what others shall be able to check: the audit's checkpoints.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/key.h"

namespace reeve {

constexpr size_t public_key_bytes = 32;
constexpr size_t signature_bytes = 64;

class SigningKey final {
 public:
  static SigningKey random();
  // The seed of RFC 8032: the same gives the same key.
  static SigningKey from_seed(KeyView seed);

  std::string sign(std::string_view text) const;  // 64 octets
  const std::string& public_key() const { return public_key_; }

 private:
  SigningKey(Key seed, std::string public_key);
  Key seed_;
  std::string public_key_;
};

// The public key and the signature of exactly their lengths; else false.
bool signature_holds(std::string_view public_key, std::string_view text,
                     std::string_view signature);

// A public key as `openssl pkey -pubin` reads it (RFC 8410), and back.
std::string public_key_pem(std::string_view public_key);
std::optional<std::string> read_public_key_pem(std::string_view pem);

}  // namespace reeve
