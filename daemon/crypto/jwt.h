// Jwt: from a token to what it says of a user, or to the check that failed.
//
// The one way in is verify_jwt(): shape and header (jws.h), the place's rules by "typ"
// (jwt_rules.h), the issuer's allow-list of algorithms, its key, the signature, then the claims.
// No clock and no I/O: keys and `now` are given. The token's text never gets into a failure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/secret.h"
#include "crypto/jwk.h"
#include "crypto/jws.h"
#include "crypto/jwt_rules.h"

namespace reeve {

constexpr int64_t kJwtSkewSeconds = 60;

// What this token must fit, beside the rules of its kind.
struct JwtExpectation {
  std::string issuer;                          // the same string, byte by byte
  std::vector<std::string> audiences;          // ours; one of them must be in "aud"
  std::vector<std::string> trusted_audiences;  // others that may stand beside ours
  std::vector<Algorithm> algorithms;           // what this issuer signs with
  std::string subject_claim = "sub";           // the claim that names the user
  std::string nonce;                           // JwtKind::id_token: what was sent; never empty then
  std::optional<int64_t> max_age;              // asked for: "auth_time" must be there and younger
  const Secret* access_token = nullptr;        // what came with it: "at_hash" must be its hash
};

struct Claims {
  std::string issuer;
  std::string subject;    // of the configured claim
  std::string sub;        // of "sub" itself, to compare with UserInfo (Core section 5.3.2)
  std::string name;       // for people only: name, else preferred_username; printable, may be empty
  std::string client_id;  // of the token: "client_id" or "azp"
  std::string acr;
  std::string sid;  // the issuer's session
  std::string jti;
  std::optional<int64_t> auth_time;
  std::optional<int64_t> issued_at;
  std::optional<int64_t> expires_at;  // there for all kinds but security_event
  Json all;  // every claim: for account labels and matching, where configuration names them
};

std::variant<Claims, JwtFailure> verify_jwt(std::string_view token, JwtKind kind,
                                            const JwtExpectation& expected, const JwkSet& keys,
                                            int64_t now);

// The "iss" of a token of which nothing is verified: to choose among configured issuers only.
std::optional<std::string> unverified_issuer(std::string_view token);

}  // namespace reeve
