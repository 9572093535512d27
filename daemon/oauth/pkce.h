// PKCE (RFC 7636): the code is worth nothing without the verifier, which never leaves the daemon
// before the token request. S256 only; there is no falling back to "plain" (section 7.2).
#pragma once

#include <string>
#include <string_view>

#include "base/secret.h"

namespace reeve {

// Of 32 random octets (section 4.1): 43 characters. crypto/random.h's random_token() is one too.
Secret code_verifier(std::string_view random_octets);
// Section 4.2: base64url(SHA-256(verifier)).
std::string code_challenge(const Secret& verifier);
// 43 to 128 unreserved characters.
bool valid_verifier(std::string_view verifier);

}  // namespace reeve
