#include "oauth/pkce.h"

#include <algorithm>

#include "base/encoding.h"
#include "crypto/hash.h"

namespace reeve {

Secret code_verifier(std::string_view random_octets) { return Secret(base64url(random_octets)); }

std::string code_challenge(const Secret& verifier) { return base64url(sha256(verifier.reveal())); }

bool valid_verifier(std::string_view verifier) {
  return verifier.size() >= 43 && verifier.size() <= 128 &&
         std::all_of(verifier.begin(), verifier.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '-' || c == '.' || c == '_' || c == '~';
         });
}

}  // namespace reeve
