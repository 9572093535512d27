// JwtRules: what makes a JWT one of its kind, as one table (RFC 8725 sections 3.11 and 3.12).
//
// Each place that takes a JWT names the kind it takes; a token of any other kind is refused there,
// by its "typ", by a claim it must have, or by one it must not.
// tests/unit/crypto/jwt_matrix_test.cc shows every kind to every place.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace reeve {

// The places. A user token may be of two kinds, told apart by "typ".
enum class JwtKind {
  id_token,        // ours, from a token endpoint: sign-in, or a provider's (Core section 3.1.3.7)
  user_token,      // shown by an agent: its own ID token, or an access token for it
  access_token,    // at+jwt (RFC 9068)
  logout_token,    // OpenID Connect Back-Channel Logout 1.0 section 2.4
  security_event,  // RFC 8417, as OpenID SSF 1.0 narrows it
};

using Names = std::span<const std::string_view>;

struct JwtRules {
  JwtKind kind = JwtKind::id_token;
  Names types;      // values of "typ", as JwsHeader::type has them; "" where it may be absent
  Names required;   // claims
  Names forbidden;  // claims
  Names labels;     // what the claims "typ" (Keycloak) and "token_use" (Cognito), if any, may say
  bool nonce = false;          // must be the expected one
  bool person = false;         // names a user: "sub" and the configured claim are there
  bool sole_client = false;    // "azp" and further audiences judged as Core section 3.1.3.7 says
  std::string_view event;      // must be a member of "events"; "*" any
  int64_t oldest_seconds = 0;  // of "iat"; 0: as old as it likes
};

// The rules for a token of that "typ" in that place; null: no such token is taken there.
const JwtRules* rules_for(JwtKind kind, std::string_view type);

}  // namespace reeve
