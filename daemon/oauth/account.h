// Whose account it is at the provider, by UserInfo (OpenID Connect Core section 5.3), by a
// provider's own "who am I", or by the ID token: an id that never changes, and a label to show to
// people.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/json.h"
#include "base/secret.h"
#include "oauth/http.h"
#include "oauth/preset.h"
#include "oauth/problem.h"

namespace reeve {

struct Account {
  std::string id;      // 1 to 255 bytes without control characters
  std::string label;   // printable, at most 100 bytes; the id where there is no label
  std::string match;   // vouched_text() of AccountRules::match
  std::string domain;  // of its verified address, or Google's "hd", in lower case; empty: none
};

// The text there; empty where there is none. An "email" or "phone_number" counts only beside an
// "email_verified" or "phone_number_verified" that is true (OpenID Connect Core section 5.1).
std::string vouched_text(const Json& claims, std::string_view pointer);

// The token goes into the header, never into the URL (RFC 6750 sections 2.1 and 2.3).
HttpRequest userinfo_request(std::string url, const Secret& access_token);

// `sub`: of the ID token that came with the access token; the answer must be about the same subject
// (Core section 5.3.2). Empty: there was none. Signed answers (application/jwt) are refused.
std::variant<Account, TokenProblem> judge_userinfo(const HttpResponse& response,
                                                   const AccountRules& rules, std::string_view sub);

// The same from an ID token's verified claims (Claims::all).
std::variant<Account, TokenProblem> read_account(const Json& claims, const AccountRules& rules);

}  // namespace reeve
