#include "crypto/jwt.h"

#include <gtest/gtest.h>

#include <functional>

#include "base/encoding.h"
#include "jw_signer.h"

namespace reeve {
namespace {

using test::jwks;
using test::Signer;

constexpr int64_t kNow = 1'800'000'000;
constexpr const char* kIssuer = "https://login.example.com";
constexpr const char* kHeader = R"({"alg":"ES256","kid":"k1"})";

const Signer& signer() {
  static const Signer key = Signer::ec("P-256");
  return key;
}
const JwkSet& keys() {
  static const JwkSet set = *parse_jwks(jwks({signer().jwk(R"(,"kid":"k1")")}));
  return set;
}

// The claims of a good ID token, with some put in the place of others ("name" -> JSON text; an
// empty text takes the claim out).
using Changes = std::vector<std::pair<std::string, std::string>>;
std::string payload(const Changes& changes = {}) {
  Changes claims = {{"iss", "\"https://login.example.com\""},
                    {"sub", "\"248289761001\""},
                    {"aud", "\"reeve\""},
                    {"exp", std::to_string(kNow + 300)},
                    {"iat", std::to_string(kNow - 2)},
                    {"nonce", "\"n-0S6_WzA2Mj\""}};
  for (const auto& [name, value] : changes) {
    std::erase_if(claims, [&gone = name](const auto& claim) { return claim.first == gone; });
    if (!value.empty()) claims.emplace_back(name, value);
  }
  std::string text;
  for (const auto& [name, value] : claims) {
    text += (text.empty() ? "{\"" : ",\"") + name + "\":" + value;
  }
  return text + "}";
}

JwtExpectation expectation() {
  JwtExpectation expected;
  expected.issuer = kIssuer;
  expected.audiences = {"reeve"};
  expected.algorithms = {Algorithm::es256};
  expected.nonce = "n-0S6_WzA2Mj";
  return expected;
}

using Change = std::function<void(JwtExpectation&)>;

std::variant<Claims, JwtFailure> verify(const std::string& text, const Change& change = {},
                                        JwtKind kind = JwtKind::id_token, int64_t now = kNow) {
  JwtExpectation expected = expectation();
  if (change) change(expected);
  return verify_jwt(signer().sign(Algorithm::es256, kHeader, text), kind, expected, keys(), now);
}

// "" where accepted, else the failure's text.
std::string refusal(const std::variant<Claims, JwtFailure>& verdict) {
  const auto* failure = std::get_if<JwtFailure>(&verdict);
  return failure == nullptr ? "" : failure->text;
}

TEST(Jwt, gives_the_claims_of_a_good_id_token) {
  auto verdict = verify(payload({{"name", "\"Alice\\u0007 A.\""},
                                 {"preferred_username", "\"alice\""},
                                 {"acr", "\"aal2\""},
                                 {"sid", "\"s1\""},
                                 {"azp", "\"reeve\""},
                                 {"auth_time", std::to_string(kNow - 40)}}));
  ASSERT_EQ(refusal(verdict), "");
  const Claims& claims = std::get<Claims>(verdict);
  EXPECT_EQ(claims.issuer, kIssuer);
  EXPECT_EQ(claims.subject, "248289761001");
  EXPECT_EQ(claims.sub, claims.subject);
  EXPECT_EQ(claims.name, "Alice\xEF\xBF\xBD A.");
  EXPECT_EQ(claims.acr, "aal2");
  EXPECT_EQ(claims.sid, "s1");
  EXPECT_EQ(claims.client_id, "reeve");
  EXPECT_EQ(claims.auth_time, kNow - 40);
  EXPECT_EQ(claims.expires_at, kNow + 300);
  EXPECT_EQ(claims.issued_at, kNow - 2);
  EXPECT_EQ(claims.all.text("preferred_username"), "alice");
}

TEST(Jwt, takes_the_subject_from_the_configured_claim) {
  const Change by_oid = [](JwtExpectation& e) { e.subject_claim = "oid"; };
  auto verdict = verify(payload({{"oid", "\"0b0e\""}}), by_oid);
  ASSERT_EQ(refusal(verdict), "");
  EXPECT_EQ(std::get<Claims>(verdict).subject, "0b0e");
  EXPECT_EQ(std::get<Claims>(verdict).sub, "248289761001");
  EXPECT_EQ(refusal(verify(payload(), by_oid)), "oid: missing or malformed");
  EXPECT_EQ(refusal(verify(payload({{"oid", "7"}}), by_oid)), "oid: missing or malformed");
}

TEST(Jwt, judges_each_claim) {
  const auto at = [](int64_t offset) { return std::to_string(kNow + offset); };
  const std::tuple<const char*, Changes, std::string> cases[] = {
      {"as it is", {}, ""},
      {"no iss", {{"iss", ""}}, "iss: missing"},
      {"iss with a slash",
       {{"iss", "\"https://login.example.com/\""}},
       "iss: not the configured issuer"},
      {"iss in capitals",
       {{"iss", "\"https://LOGIN.example.com\""}},
       "iss: not the configured issuer"},
      {"iss with its port",
       {{"iss", "\"https://login.example.com:443\""}},
       "iss: not the configured issuer"},
      {"iss a list",
       {{"iss", "[\"https://login.example.com\"]"}},
       "iss: not the configured issuer"},
      {"no sub", {{"sub", ""}}, "sub: missing"},
      {"sub null", {{"sub", "null"}}, "sub: missing"},
      {"sub empty", {{"sub", "\"\""}}, "sub: missing or malformed"},
      {"sub a number", {{"sub", "7"}}, "sub: missing or malformed"},
      {"sub of 255", {{"sub", '"' + std::string(255, 'a') + '"'}}, ""},
      {"sub of 256", {{"sub", '"' + std::string(256, 'a') + '"'}}, "sub: missing or malformed"},
      {"sub with NUL", {{"sub", "\"a\\u0000b\""}}, "sub: missing or malformed"},
      {"no aud", {{"aud", ""}}, "aud: missing"},
      {"aud another", {{"aud", "\"other\""}}, "aud: made out to another"},
      {"aud a list of ours", {{"aud", "[\"reeve\"]"}}, ""},
      {"aud empty", {{"aud", "[]"}}, "aud: malformed"},
      {"aud a number", {{"aud", "[1]"}}, "aud: malformed"},
      {"aud ours and another",
       {{"aud", "[\"reeve\",\"other\"]"}, {"azp", "\"reeve\""}},
       "aud: made out to another"},
      {"aud with a blank", {{"aud", "\"reeve \""}}, "aud: made out to another"},
      {"azp another", {{"azp", "\"other\""}}, "azp: issued to another client"},
      {"azp empty", {{"azp", "\"\""}}, "azp: malformed"},
      {"no exp", {{"exp", ""}}, "exp: missing"},
      {"exp text", {{"exp", "\"1900000000\""}}, "exp, iat, nbf or auth_time: malformed"},
      {"exp negative", {{"exp", "-1"}}, "exp, iat, nbf or auth_time: malformed"},
      {"exp huge", {{"exp", "1e300"}}, "exp, iat, nbf or auth_time: malformed"},
      {"exp a fraction", {{"exp", at(5) + ".75"}}, ""},
      {"exp within the skew", {{"exp", at(-59)}}, ""},
      {"exp past the skew", {{"exp", at(-60)}}, "exp: expired"},
      {"no iat", {{"iat", ""}}, "iat: missing"},
      {"iat within the skew", {{"iat", at(60)}}, ""},
      {"iat in the future", {{"iat", at(61)}}, "iat: in the future"},
      {"iat long ago", {{"iat", at(-661)}}, "iat: too long ago"},
      {"nbf within the skew", {{"nbf", at(60)}}, ""},
      {"nbf in the future", {{"nbf", at(61)}}, "nbf: not yet valid"},
      {"nbf text", {{"nbf", "\"0\""}}, "exp, iat, nbf or auth_time: malformed"},
      {"no nonce", {{"nonce", ""}}, "nonce: missing"},
      {"nonce of another flow", {{"nonce", "\"n-other\""}}, "nonce: not that of this flow"},
      {"nonce empty", {{"nonce", "\"\""}}, "nonce: not that of this flow"},
      {"auth_time in the future", {{"auth_time", at(61)}}, "auth_time: in the future"},
      {"acr a number", {{"acr", "1"}}, "acr: malformed"},
      {"typed as an ID token", {{"typ", "\"ID\""}}, ""},
      {"typed as an access token", {{"typ", "\"Bearer\""}}, "typ: a token of another kind"},
      {"used as an access token",
       {{"token_use", "\"access\""}},
       "token_use: a token of another kind"},
      {"scope", {{"scope", "\"openid\""}}, "scope: not in a token of this kind"},
      {"events", {{"events", "{}"}}, "events: not in a token of this kind"},
  };
  for (const auto& [name, changes, text] : cases) {
    EXPECT_EQ(refusal(verify(payload(changes))), text) << name;
  }
}

TEST(Jwt, judges_azp_and_further_audiences) {
  const Change trusting = [](JwtExpectation& e) { e.trusted_audiences = {"partner"}; };
  const std::string both = "[\"partner\",\"reeve\"]";
  EXPECT_EQ(refusal(verify(payload({{"aud", both}, {"azp", "\"reeve\""}}), trusting)), "");
  EXPECT_EQ(refusal(verify(payload({{"aud", both}}), trusting)),
            "azp: missing beside several audiences");
  EXPECT_EQ(refusal(verify(payload({{"aud", both}, {"azp", "\"partner\""}}), trusting)),
            "azp: issued to another client");
  EXPECT_EQ(refusal(verify(payload({{"aud", "\"partner\""}}), trusting)),
            "aud: not made out to us");
}

TEST(Jwt, wants_auth_time_when_max_age_was_asked) {
  const Change asked = [](JwtExpectation& e) { e.max_age = 600; };
  const auto with = [](int64_t age) {
    return payload({{"auth_time", std::to_string(kNow - age)}});
  };
  EXPECT_EQ(refusal(verify(payload(), asked)), "auth_time: missing, max_age was asked");
  EXPECT_EQ(refusal(verify(with(660), asked)), "");
  EXPECT_EQ(refusal(verify(with(661), asked)), "auth_time: older than max_age");
  EXPECT_EQ(refusal(verify(with(kNow), asked)), "auth_time: older than max_age");
  const Change again = [](JwtExpectation& e) { e.max_age = 0; };
  EXPECT_EQ(refusal(verify(with(30), again)), "");
  EXPECT_EQ(refusal(verify(with(61), again)), "auth_time: older than max_age");
}

TEST(Jwt, compares_at_hash_with_the_access_token_that_came_with_it) {
  // OpenID Connect Core appendix A.3: SHA-256, left half.
  const Secret token = Secret::copy_of("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y");
  const Secret other = Secret::copy_of("another");
  const std::string text = payload({{"at_hash", "\"77QmUPtjPfzWtF2AnpK9RQ\""}});
  EXPECT_EQ(refusal(verify(text, [&](JwtExpectation& e) { e.access_token = &token; })), "");
  EXPECT_EQ(refusal(verify(text, [&](JwtExpectation& e) { e.access_token = &other; })),
            "at_hash: not that of the access token");
  EXPECT_EQ(refusal(verify(payload({{"at_hash", "7"}}),
                           [&](JwtExpectation& e) { e.access_token = &token; })),
            "at_hash: not that of the access token");
  EXPECT_EQ(refusal(verify(payload(), [&](JwtExpectation& e) { e.access_token = &token; })), "");
}

TEST(Jwt, never_accepts_an_id_token_when_no_nonce_is_expected) {
  const Change none = [](JwtExpectation& e) { e.nonce.clear(); };
  EXPECT_EQ(refusal(verify(payload(), none)), "nonce: not that of this flow");
  EXPECT_EQ(refusal(verify(payload({{"nonce", "\"\""}}), none)), "nonce: not that of this flow");
}

TEST(Jwt, takes_from_an_agent_what_is_made_out_to_it) {
  const Change app = [](JwtExpectation& e) { e.audiences = {"triage-app"}; };
  const auto agent = [&](const Changes& changes) {
    return refusal(verify(payload(changes), app, JwtKind::user_token));
  };
  EXPECT_EQ(agent({{"aud", "\"triage-app\""}, {"nonce", ""}}), "");
  EXPECT_EQ(agent({{"aud", "\"triage-app\""}, {"nonce", "\"its own\""}}), "");
  EXPECT_EQ(agent({{"aud", "\"triage-app\""}, {"iat", std::to_string(kNow - 9000)}}), "");
  EXPECT_EQ(agent({}), "aud: made out to another") << "our own ID token is not the agent's to show";
  EXPECT_EQ(agent({{"aud", "\"other-app\""}}), "aud: made out to another");
  EXPECT_EQ(agent({{"aud", "\"triage-app\""}, {"azp", "\"other-app\""}}),
            "azp: issued to another client");
}

TEST(Jwt, takes_an_access_token_for_a_user_only) {
  const auto show = [](const Changes& changes) {
    const std::string text = signer().sign(
        Algorithm::es256, R"({"alg":"ES256","kid":"k1","typ":"at+jwt"})", payload(changes));
    return refusal(verify_jwt(text, JwtKind::user_token, expectation(), keys(), kNow));
  };
  const Changes good = {{"nonce", ""}, {"client_id", "\"app\""}, {"scope", "\"a b\""}};
  const auto with = [&](const char* name, const char* value) {
    Changes changes = good;
    changes.emplace_back(name, value);
    return show(changes);
  };
  EXPECT_EQ(show(good), "");
  EXPECT_EQ(with("aud", "[\"reeve\",\"https://other\"]"), "aud: made out to another");
  EXPECT_EQ(with("client_id", "\"248289761001\""), "sub: a client, not a user");
  EXPECT_EQ(with("client_id", ""), "client_id: missing");
  EXPECT_EQ(with("cnf", "{\"jkt\":\"x\"}"), "cnf: not in a token of this kind");
  EXPECT_EQ(with("nonce", "\"n-0S6_WzA2Mj\""), "nonce: not in a token of this kind");
  EXPECT_EQ(with("token_use", "\"id\""), "token_use: a token of another kind");
}

TEST(Jwt, judges_algorithm_and_key_before_any_claim) {
  const auto with = [](const std::string& header) {
    const auto verdict = verify_jwt(signer().sign(Algorithm::es256, header, payload()),
                                    JwtKind::id_token, expectation(), keys(), kNow);
    const auto* failure = std::get_if<JwtFailure>(&verdict);
    return failure == nullptr ? std::optional<JwtProblem>() : failure->problem;
  };
  EXPECT_EQ(with(kHeader), std::nullopt);
  EXPECT_EQ(with(R"({"alg":"ES256"})"), std::nullopt) << "one key fits";
  EXPECT_EQ(with(R"({"alg":"none","kid":"k1"})"), JwtProblem::bad_algorithm);
  EXPECT_EQ(with(R"({"alg":"HS256","kid":"k1"})"), JwtProblem::bad_algorithm);
  EXPECT_EQ(with(R"({"alg":"RS256","kid":"k1"})"), JwtProblem::bad_algorithm)
      << "not this issuer's";
  EXPECT_EQ(with(R"({"alg":"ES256","kid":"k2"})"), JwtProblem::unknown_key);
  EXPECT_EQ(with(R"({"alg":"ES256","kid":"k1","typ":"JWS"})"), JwtProblem::wrong_type);
  EXPECT_EQ(with(R"({"alg":"ES256","kid":"k1","crit":["b64"]})"), JwtProblem::bad_header);
}

TEST(Jwt, refuses_a_key_of_another_issuer_and_a_good_signature_on_other_claims) {
  const Signer other = Signer::ec("P-256");
  const std::string good = signer().sign(Algorithm::es256, kHeader, payload());
  const std::string forged = other.sign(Algorithm::es256, kHeader, payload());
  const size_t dot = good.rfind('.');
  const std::string moved =
      base64url(kHeader) + "." + base64url(payload({{"sub", "\"mallory\""}})) + good.substr(dot);
  for (const std::string& token : {forged, moved}) {
    const auto verdict = verify_jwt(token, JwtKind::id_token, expectation(), keys(), kNow);
    EXPECT_EQ(refusal(verdict), "the signature is wrong");
  }
}

TEST(Jwt, refuses_a_payload_that_is_no_object_even_if_signed) {
  for (const char* text : {"", "[]", "\"x\"", "{\"iss\":1,\"iss\":2}", "{", "null", "{}{}"}) {
    EXPECT_EQ(refusal(verify(text)), "the payload is not a JSON object") << text;
  }
}

TEST(Jwt, survives_extreme_clocks) {
  for (const int64_t now : {int64_t{0}, int64_t{-5}, int64_t{1} << 52}) {
    EXPECT_NE(refusal(verify(payload(), {}, JwtKind::id_token, now)), "");
  }
}

TEST(Jwt, tells_the_issuer_of_a_token_nobody_has_verified) {
  EXPECT_EQ(unverified_issuer(base64url(kHeader) + "." + base64url(payload()) + "."), kIssuer);
  for (const char* text : {"", "a.b.c", "e30.e30.e30", "eyJhbGciOiJ4In0.e30.", "..."}) {
    EXPECT_EQ(unverified_issuer(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace reeve
