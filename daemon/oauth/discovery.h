// Discovery: where a server's metadata is asked for (RFC 8414 section 3, OpenID Connect Discovery
// section 4), and what of an answer is believed.
//
// The issuer comes from the operator. The document must name the very same issuer (RFC 8414 section
// 3.3), byte by byte, or all of it is discarded; a wrong endpoint discards all of it too.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/jwk.h"
#include "oauth/http.h"
#include "oauth/preset.h"
#include "oauth/url.h"

namespace reeve {

// The URLs to try, in this order, until one answers with a document: OpenID Connect appends its
// suffix to the issuer, RFC 8414 inserts its own before the issuer's path, and OpenID Connect's
// inserted likewise (RFC 8414 section 5). Two of them are the same where the issuer has no path.
std::vector<std::string> metadata_urls(const Url& issuer);

struct ServerMetadata {
  std::string issuer;  // empty: configured by endpoints, and unknown
  Endpoints endpoints;
  bool iss_supported = false;  // authorization_response_iss_parameter_supported (RFC 9207)
  bool require_pushed_authorization = false;
  std::vector<std::string> token_endpoint_auth_methods;  // empty: the server names none
  std::vector<std::string> code_challenge_methods;
  std::vector<std::string> id_token_signing_algorithms;
  std::vector<std::string> scopes;
};

struct MetadataRules {
  std::string issuer;              // as configured
  bool loopback_http = false;      // http to a loopback host may be named
  std::vector<std::string> hosts;  // where not empty: the only hosts that may be named
};

Result<ServerMetadata> judge_metadata(const HttpResponse& response, const MetadataRules& rules);

// What an operator's or a preset's endpoints say, in the same form.
ServerMetadata configured_metadata(const Preset& preset);

// The key set at jwks_uri.
Result<JwkSet> judge_jwks(const HttpResponse& response);

}  // namespace reeve
