// Server: one authorization server as this daemon uses it: who it is, who we are there, what it
// does differently, and who carries requests to it. Made from one [issuer.NAME] or [provider.NAME];
// never changes.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/issuer_config.h"
#include "config/provider_config.h"
#include "crypto/jwk.h"
#include "crypto/kept_secret.h"
#include "oauth/client_auth.h"
#include "oauth/http_client.h"
#include "oauth/preset.h"

namespace reeve {

struct Server {
  std::string name;          // the table's
  std::string display_name;  // for people
  // What its redirect URI, its grants and its caches are tied to: a hash of issuer, endpoints,
  // client id and preset (DESIGN section 1), 22 characters of base64url.
  std::string context;
  std::string issuer;  // empty: configured by endpoints
  bool loopback_http = false;
  Preset preset;
  bool form_post = false;                 // its answers come as a form's POST
  std::optional<ClientAuth> client_auth;  // as configured; none: as the metadata says
  ClientIdentity client;  // without its secret, which is kept apart until it is used
  KeptSecret client_secret;
  std::shared_ptr<HttpClient> http;

  // Of an issuer of users.
  std::vector<Algorithm> algorithms;
  std::string subject_claim = "sub";
  std::optional<int64_t> max_age;
  std::string prompt;
  std::vector<std::string> acr_values;
  std::vector<std::string> scopes;         // at sign-in
  std::optional<std::string> pinned_keys;  // a JWK set from a file: nothing is fetched

  // Of a provider.
  AccountMatch account_match = AccountMatch::ask;
  std::string match_claim;  // of the user's ID token, with AccountMatch::claim
  std::vector<std::string> account_domains;
  std::string login_hint;  // a claim of the user's ID token

  // What a grant must still name to be used here: the issuer, else the token endpoint.
  const std::string& grant_issuer() const {
    return issuer.empty() ? preset.endpoints.token : issuer;
  }
};
using ServerRef = std::shared_ptr<const Server>;

// The secret is loaded by the caller; `http` set as well.
Result<ServerRef> issuer_server(const IssuerConfig& config, Secret client_secret,
                                std::shared_ptr<HttpClient> http);
Result<ServerRef> provider_server(const ProviderConfig& config, Secret client_secret,
                                  std::shared_ptr<HttpClient> http);

}  // namespace reeve
