// Jwk: the public keys an issuer signs with, read from its key set (RFC 7517, RFC 7518, RFC 8037).
//
// A key is made once, when the set is read, and is of exactly one kind; which algorithm goes with
// which kind stands in one table (Algorithm). So no token can make a key mean something else: not
// an RSA key an HMAC secret, not a P-384 key one for ES256.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

struct evp_pkey_st;  // OpenSSL's EVP_PKEY

namespace reeve {

enum class KeyKind { rsa, p256, p384, ed25519 };
// The signatures we know, all asymmetric: RFC 7518 section 3.1 and RFC 8037 (Ed25519 only).
enum class Algorithm { rs256, ps256, es256, es384, eddsa };

// By the name in "alg" headers ("RS256"); nullopt for every other, "none" and HMAC among them.
std::optional<Algorithm> algorithm_by_name(std::string_view name);
std::string_view name_of(Algorithm algorithm);
KeyKind kind_for(Algorithm algorithm);
// Those we know among an issuer's "id_token_signing_alg_values_supported". An issuer that names
// none at all signs with RS256 (OpenID Connect Core section 2, Registration section 2).
std::vector<Algorithm> known_algorithms(const std::vector<std::string>& names);

struct PublicKeyFree {
  void operator()(evp_pkey_st* key) const;
};
using PublicKey = std::unique_ptr<evp_pkey_st, PublicKeyFree>;

struct Jwk {
  KeyKind kind = KeyKind::rsa;
  std::string kid;                     // empty: the key has none
  std::optional<Algorithm> algorithm;  // the key's own "alg": good for no other
  PublicKey key;
};

// The keys of one issuer that may verify signatures.
class JwkSet {
 public:
  explicit JwkSet(std::vector<Jwk> keys) : keys_(std::move(keys)) {}

  // The one key that fits: kind and "alg" fit the algorithm, and its kid is the token's (if the
  // token names one; a key without kid is then not meant). Several that fit are `ambiguous`: no
  // signature is tried against more than one key.
  struct Found {
    const Jwk* key = nullptr;
    bool ambiguous = false;
  };
  Found find(Algorithm algorithm, std::string_view kid) const;
  size_t size() const { return keys_.size(); }

 private:
  std::vector<Jwk> keys_;
};

// Reads a JWK set (RFC 7517 section 5). Keys of unknown type, use or algorithm, with missing or
// malformed members, RSA under 2048 or over 8192 bits, points off their curve: skipped, as section
// 5 asks. Refused as a whole: no JWK set, more than 100 keys, a private member in a key of a kind
// we know (the issuer has published its private key), no usable key left.
Result<JwkSet> parse_jwks(std::string_view text);

}  // namespace reeve
