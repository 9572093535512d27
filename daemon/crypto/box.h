// box: answers that reeve-fetch seals to reeved (crypto_box_seal: X25519, XSalsa20-Poly1305).
//
// Anyone with the public key can seal; it says nothing of who did. Only the holder of the pair can
// open, the sealer itself can not.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "crypto/key.h"

namespace reeve {

class SealKeys final {
 public:
  static SealKeys random();
  // The same seed gives the same pair: a seed kept in the vault opens after a restart what was
  // sealed before.
  static SealKeys from_seed(KeyView seed);

  const std::string& public_key() const { return public_key_; }  // 32 octets
  // nullopt: sealed to another key, or changed.
  std::optional<Secret> open(std::string_view sealed) const;

 private:
  SealKeys(Key private_key, std::string public_key);
  Key private_key_;
  std::string public_key_;
};

// nullopt: no public key (32 octets, a point of the curve).
std::optional<std::string> seal_to(std::string_view public_key, std::string_view plain);

}  // namespace reeve
