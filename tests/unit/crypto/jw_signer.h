// Signer: an issuer's private key, for tests that need tokens of their own.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string>
#include <string_view>

#include "crypto/jwk.h"

namespace reeve::test {

class Signer {
 public:
  static Signer rsa(unsigned bits = 2048);
  static Signer ec(const char* curve);  // "P-256", "P-384", "P-521"
  static Signer ed25519();

  // The public key as a JWK; `more` is further members: R"(,"kid":"a")".
  std::string jwk(std::string_view more = "") const;
  // A compact JWS over these texts. The algorithm is what is done; the header may claim another.
  std::string sign(Algorithm algorithm, std::string_view header, std::string_view payload) const;
  // The raw signature of a text. `salt_bytes` is for PS256.
  std::string signature(Algorithm algorithm, std::string_view text, int salt_bytes = 32) const;

 private:
  struct Free {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  };
  explicit Signer(EVP_PKEY* key) : key_(key) {}
  std::string number(const char* name) const;

  std::unique_ptr<EVP_PKEY, Free> key_;
};

std::string jwks(std::initializer_list<std::string> keys);

}  // namespace reeve::test
