// Token requests (RFC 6749 sections 4.1.3 and 6): a code or a refresh token against tokens.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "oauth/client_auth.h"
#include "oauth/http.h"

namespace reeve {

// The code of a callback. redirect_uri is byte for byte that of the authorization request.
struct CodeGrant {
  const Secret& code;
  const Secret& code_verifier;  // empty: PKCE is off by the preset
  std::string redirect_uri;
  std::vector<std::string> resources;  // RFC 8707 section 2.2
};
HttpRequest code_request(const std::string& endpoint, const CodeGrant& grant,
                         const ClientIdentity& client);

// A refresh. Scopes narrow the new access token only (section 6); none: as granted.
struct RefreshGrant {
  const Secret& refresh_token;
  std::vector<std::string> scopes;
  char scope_separator = ' ';
  std::vector<std::string> resources;
};
HttpRequest refresh_request(const std::string& endpoint, const RefreshGrant& grant,
                            const ClientIdentity& client);

}  // namespace reeve
