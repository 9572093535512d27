// IssuerConfig: one [issuer.NAME]: an OpenID Connect issuer that may vouch for users.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/client_config.h"

namespace reeve {

struct IssuerConfig {
  std::string name;    // the table's
  std::string issuer;  // compared byte by byte, never normalised
  ClientConfig client;
  std::string subject_claim = "sub";
  std::optional<int64_t> max_age;       // seconds since the user really signed in
  std::string prompt;                   // "": not sent
  std::vector<std::string> acr_values;  // the sign-in must have been one of these; empty: any
  std::vector<std::string> algorithms{"RS256", "PS256", "ES256", "ES384", "EdDSA"};
  std::vector<std::string> scopes{"openid", "profile"};
  std::string jwks_file;  // "": fetched. A pinned key set, absolute path
};

}  // namespace reeve
