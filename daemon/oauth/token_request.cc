#include "oauth/token_request.h"

namespace reeve {

HttpRequest code_request(const std::string& endpoint, const CodeGrant& grant,
                         const ClientIdentity& client) {
  FormBody body;
  body.add("grant_type", "authorization_code")
      .add("code", grant.code.reveal())
      .add("redirect_uri", grant.redirect_uri)
      .add("code_verifier", grant.code_verifier.reveal());
  for (const std::string& resource : grant.resources) body.add("resource", resource);
  return client_request(endpoint, std::move(body), client);
}

HttpRequest refresh_request(const std::string& endpoint, const RefreshGrant& grant,
                            const ClientIdentity& client) {
  std::string scope;
  for (const std::string& token : grant.scopes) {
    if (!scope.empty()) scope += grant.scope_separator;
    scope += token;
  }
  FormBody body;
  body.add("grant_type", "refresh_token")
      .add("refresh_token", grant.refresh_token.reveal())
      .add("scope", scope);
  for (const std::string& resource : grant.resources) body.add("resource", resource);
  return client_request(endpoint, std::move(body), client);
}

}  // namespace reeve
