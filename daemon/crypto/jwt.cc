#include "crypto/jwt.h"

#include <algorithm>

#include "crypto/jwt_claims.h"

namespace reeve {

std::variant<Claims, JwtFailure> verify_jwt(std::string_view token, JwtKind kind,
                                            const JwtExpectation& expected, const JwkSet& keys,
                                            int64_t now) {
  auto parsed = parse_jws(token);
  if (auto* failure = std::get_if<JwtFailure>(&parsed)) return std::move(*failure);
  const Jws& jws = *std::get_if<Jws>(&parsed);
  const JwtRules* rules = rules_for(kind, jws.header.type);
  if (rules == nullptr) {
    return JwtFailure{JwtProblem::wrong_type, "typ: no such token is taken here"};
  }
  const auto algorithm = algorithm_by_name(jws.header.algorithm);
  const auto& allowed = expected.algorithms;
  if (!algorithm || std::find(allowed.begin(), allowed.end(), *algorithm) == allowed.end()) {
    return JwtFailure{JwtProblem::bad_algorithm, "alg: not allowed for this issuer"};
  }
  const JwkSet::Found found = keys.find(*algorithm, jws.header.kid);
  if (found.key == nullptr) {
    return found.ambiguous ? JwtFailure{JwtProblem::ambiguous_key, "kid: several keys fit"}
                           : JwtFailure{JwtProblem::unknown_key, "kid: no key fits"};
  }
  if (!verify_signature(jws, *algorithm, *found.key)) {
    return JwtFailure{JwtProblem::bad_signature, "the signature is wrong"};
  }
  auto payload = jws_payload(jws);
  if (auto* failure = std::get_if<JwtFailure>(&payload)) return std::move(*failure);
  return judge_claims(std::move(*std::get_if<Json>(&payload)), *rules, expected, *algorithm, now);
}

std::optional<std::string> unverified_issuer(std::string_view token) {
  const auto parsed = parse_jws(token);
  const Jws* jws = std::get_if<Jws>(&parsed);
  if (jws == nullptr) return std::nullopt;
  const auto payload = jws_payload(*jws);
  const Json* claims = std::get_if<Json>(&payload);
  if (claims == nullptr || claims->text("iss").empty()) return std::nullopt;
  return claims->text("iss");
}

}  // namespace reeve
