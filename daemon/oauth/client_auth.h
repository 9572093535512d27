// Client authentication (RFC 6749 section 2.3): who we are to a provider's endpoints. One method a
// request; the secret is never in a URL.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "oauth/discovery.h"
#include "oauth/http.h"
#include "oauth/preset.h"

namespace reeve {

struct ClientIdentity {
  std::string client_id;
  Secret client_secret;  // empty for a public client
  ClientAuth auth = ClientAuth::basic;
  bool raw_basic = false;  // id and secret as they are, for servers that do not decode them
};

// The method to use: the preset's, else what the server says it takes, Basic before the body
// (section 2.3.1). An error where a secret is needed and there is none, or the server wants other
// proofs than a secret.
Result<ClientAuth> choose_client_auth(const Preset& preset, const ServerMetadata& metadata,
                                      bool has_secret);

// The value of "Authorization". Section 2.3.1: id and secret are form-encoded first.
std::string basic_credentials(const ClientIdentity& client);

// A POST of the form with the client's proof. `body` without client_id and client_secret.
HttpRequest client_request(std::string url, FormBody body, const ClientIdentity& client);

}  // namespace reeve
