// Token revocation (RFC 7009), and the shapes that providers have instead of it.
#pragma once

#include <optional>
#include <string>

#include "base/secret.h"
#include "oauth/client_auth.h"
#include "oauth/http.h"
#include "oauth/preset.h"
#include "oauth/problem.h"

namespace reeve {

enum class TokenHint { refresh_token, access_token };  // section 2.1

// `endpoint`: the metadata's, or Preset::revocation_url for json_delete. Not for
// RevocationKind::none.
HttpRequest revocation_request(RevocationKind kind, const std::string& endpoint,
                               const ClientIdentity& client, const Secret& token, TokenHint hint);

// nullopt: the token is dead now, or was before (section 2.2: a server says 200 to both; some say
// invalid_token or, to a DELETE, 404). Kind::transient: try again later. Others: given up.
std::optional<TokenProblem> judge_revocation(RevocationKind kind, const HttpResponse& response);

}  // namespace reeve
