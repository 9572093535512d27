// Tokens, key sets and claims of strangers. The first line of the input is the token, the rest a
// key set. With a key set that can be read, the token is shown to every place; since the fuzzer
// cannot sign, the claims' judge also gets the token's payload as if it were signed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "crypto/jwt.h"
#include "crypto/jwt_claims.h"

namespace {

using namespace reeve;

constexpr int64_t kNow = 1'800'000'000;

JwtExpectation expectation(const Secret& access_token) {
  JwtExpectation expected;
  expected.issuer = "https://i";
  expected.audiences = {"reeve"};
  expected.trusted_audiences = {"partner"};
  expected.algorithms = {Algorithm::rs256, Algorithm::ps256, Algorithm::es256, Algorithm::es384,
                         Algorithm::eddsa};
  expected.nonce = "n";
  expected.max_age = 3600;
  expected.access_token = &access_token;
  return expected;
}

// What every accepted token has.
void check(const std::variant<Claims, JwtFailure>& verdict, const JwtRules& rules) {
  const Claims* claims = std::get_if<Claims>(&verdict);
  if (claims == nullptr) return;
  if (claims->issuer != "https://i") std::abort();
  if (rules.person && (claims->subject.empty() || claims->subject.size() > 255)) std::abort();
  if (claims->expires_at && *claims->expires_at <= kNow - kJwtSkewSeconds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t end = input.find('\n');
  const std::string_view token = input.substr(0, end);
  const std::string_view keys = end == input.npos ? std::string_view() : input.substr(end + 1);
  const Secret access_token = Secret::copy_of("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
  const JwtExpectation expected = expectation(access_token);
  const auto set = parse_jwks(keys);
  const auto parsed = parse_jws(token);
  (void)unverified_issuer(token);
  for (const auto kind : {JwtKind::id_token, JwtKind::user_token, JwtKind::access_token,
                          JwtKind::logout_token, JwtKind::security_event}) {
    if (set) (void)verify_jwt(token, kind, expected, *set, kNow);
    const Jws* jws = std::get_if<Jws>(&parsed);
    const JwtRules* rules = jws == nullptr ? nullptr : rules_for(kind, jws->header.type);
    if (rules == nullptr) continue;
    auto payload = jws_payload(*jws);
    if (Json* claims = std::get_if<Json>(&payload)) {
      check(judge_claims(std::move(*claims), *rules, expected, Algorithm::es256, kNow), *rules);
    }
  }
  return 0;
}
