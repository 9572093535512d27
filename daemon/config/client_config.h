// ClientConfig: who we are at an authorization server, and how it is reached. The part that issuers
// and providers have in common.
#pragma once

#include <optional>
#include <string>

#include "config/secret_ref.h"

namespace reeve {

struct ClientConfig {
  std::string client_id;
  std::optional<SecretRef> client_secret;  // there unless client_auth is "none"
  // basic, post, none; "" with a secret and an issuer: as its metadata says.
  std::string client_auth;
  bool raw_basic = false;      // HTTP Basic without form-encoding id and secret (RFC 6749 2.3.1)
  bool form_post = false;      // asks for response_mode=form_post
  bool loopback_http = false;  // http for loopback addresses
  bool private_addresses = false;  // addresses that are not public
  std::string fetch;               // the instance of reeve-fetch that carries its requests
};

}  // namespace reeve
