// What a token endpoint answered (RFC 6749 section 5), judged: tokens, or the problem.
//
// All or nothing: an answer with one unusable part is malformed, and nothing of it is used. Unknown
// members are ignored. The answer's bytes and its secrets end up in TokenAnswer's Secrets only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/secret.h"
#include "oauth/http.h"
#include "oauth/preset.h"
#include "oauth/problem.h"

namespace reeve {

constexpr size_t kTokenBytes = size_t{16} * 1024;

struct TokenAnswer {
  Secret access_token;                  // VSCHAR only, as all tokens (RFC 6749 appendix A.12)
  std::optional<Secret> refresh_token;  // none: the old one, if there is one, stays (section 6)
  std::string token_type;               // always "Bearer", however it was written (section 7.1)
  std::optional<int64_t> expires_in;    // seconds, 0 to kLongestLifetime
  // What was granted, under the names that were asked for (Preset::scope_names); nullopt: not said,
  // so it is what was asked (section 5.1).
  std::optional<std::vector<std::string>> scopes;
  std::optional<Secret> id_token;  // not yet verified
};

// Of the endpoint's habits the preset's granted_separator, scope_names and answer_at count here.
// 400 with an empty body is how some servers say that a refresh token is dead: invalid_grant.
std::variant<TokenAnswer, TokenProblem> judge_token_answer(const HttpResponse& response,
                                                           const Preset& preset);

}  // namespace reeve
