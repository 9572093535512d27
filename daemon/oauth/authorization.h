// The authorization request (RFC 6749 section 4.1.1): the URL that a browser is sent to, directly
// or after the request was pushed (RFC 9126). response_type is always "code".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "oauth/client_auth.h"
#include "oauth/discovery.h"
#include "oauth/problem.h"

namespace reeve {

struct AuthorizationAsk {
  std::string client_id;
  std::string redirect_uri;         // this context's own
  std::vector<std::string> scopes;  // scopes_to_ask()
  std::string state;
  std::string nonce;                   // empty: no ID token is wanted
  std::string code_challenge;          // empty: only where the preset has PKCE off
  std::vector<std::string> resources;  // RFC 8707; repeated
  std::string prompt;                  // words, joined with the preset's own
  std::optional<int64_t> max_age;
  std::vector<std::string> acr_values;
  std::string login_hint;
  bool form_post = false;  // OAuth 2.0 Form Post Response Mode
  bool offline = true;     // ask for a refresh token, as the preset says
};

// What is wanted, and what the preset needs beside it: the scopes to know the account by, and the
// one for a refresh token. Those two are left out where the server lists its scopes without them,
// except "openid".
std::vector<std::string> scopes_to_ask(const Preset& preset, const ServerMetadata& metadata,
                                       const std::vector<std::string>& wanted);

// All parameters in order. An error for a scope or resource that is none, PKCE off without the
// preset's reason, an ask for an ID token without "openid", or a nonce missing beside it.
Result<Parameters> authorization_parameters(const AuthorizationAsk& ask, const Preset& preset);

// The endpoint's URL with the parameters after its own query (RFC 6749 section 3.1), none twice.
Result<std::string> authorization_url(const std::string& endpoint, const Parameters& parameters);

// RFC 9126 section 2.1.
HttpRequest pushed_request(const std::string& endpoint, const Parameters& parameters,
                           const ClientIdentity& client);

struct PushedAuthorization {
  std::string request_uri;
  int64_t expires_in = 0;  // seconds; to be used at once anyway
};
std::variant<PushedAuthorization, TokenProblem> judge_pushed(const HttpResponse& response);

// RFC 9126 section 4: client_id and request_uri, nothing else.
Result<std::string> pushed_authorization_url(const std::string& endpoint,
                                             const std::string& client_id,
                                             const std::string& request_uri);

}  // namespace reeve
