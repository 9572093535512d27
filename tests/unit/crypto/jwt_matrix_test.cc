// Every kind of JWT is shown to every place that takes one (RFC 8725 section 2.8): a token passes
// where it belongs and nowhere else. All are signed by the issuer's own key, for our audience.
#include <gtest/gtest.h>

#include <map>

#include "crypto/jwt.h"
#include "jw_signer.h"

namespace reeve {
namespace {

using test::jwks;
using test::Signer;

constexpr int64_t kNow = 1'800'000'000;

struct Token {
  const char* name;
  const char* typ;  // as a member of the header
  const char* claims;
  std::vector<JwtKind> places;  // where it may pass
};

#define COMMON R"("iss":"https://i","aud":"reeve","iat":1799999990)"
#define EXPIRY R"(,"exp":1800000300)"
#define LOGOUT R"(,"events":{"http://schemas.openid.net/event/backchannel-logout":{}})"

const std::vector<Token>& tokens() {
  static const std::vector<Token> list = {
      {"an ID token of ours",
       R"(,"typ":"JWT")",
       COMMON EXPIRY R"(,"sub":"alice","nonce":"n")",
       {JwtKind::id_token, JwtKind::user_token}},
      {"an ID token without our nonce",
       "",
       COMMON EXPIRY R"(,"sub":"alice")",
       {JwtKind::user_token}},
      {"an access token",
       R"(,"typ":"at+jwt")",
       COMMON EXPIRY R"(,"sub":"alice","client_id":"app","jti":"1","scope":"a")",
       {JwtKind::user_token, JwtKind::access_token}},
      {"an access token by its full media type",
       R"(,"typ":"application/at+jwt")",
       COMMON EXPIRY R"(,"sub":"alice","client_id":"app","jti":"1")",
       {JwtKind::user_token, JwtKind::access_token}},
      {"an access token that says it is any JWT",
       R"(,"typ":"JWT")",
       COMMON EXPIRY R"(,"sub":"alice","client_id":"app","jti":"1","scope":"a","nonce":"n")",
       {}},
      {"an access token of Keycloak",
       R"(,"typ":"JWT")",
       COMMON EXPIRY R"(,"sub":"alice","azp":"reeve","typ":"Bearer","nonce":"n")",
       {}},
      {"an access token of Entra",
       R"(,"typ":"JWT")",
       COMMON EXPIRY R"(,"sub":"alice","azp":"reeve","azpacr":"1","nonce":"n")",
       {}},
      {"an access token of Okta",
       "",
       COMMON EXPIRY R"(,"sub":"alice","scp":["a"],"nonce":"n")",
       {}},
      {"a logout token",
       R"(,"typ":"logout+jwt")",
       COMMON EXPIRY R"(,"sub":"alice","sid":"s","jti":"1")" LOGOUT,
       {JwtKind::logout_token}},
      {"a logout token of a session, untyped",
       "",
       COMMON EXPIRY R"(,"sid":"s","jti":"1")" LOGOUT,
       {JwtKind::logout_token}},
      {"a logout token with a nonce",
       R"(,"typ":"logout+jwt")",
       COMMON EXPIRY R"(,"sub":"alice","jti":"1","nonce":"n")" LOGOUT,
       {}},
      {"a logout token of nobody",
       R"(,"typ":"logout+jwt")",
       COMMON EXPIRY R"(,"jti":"1")" LOGOUT,
       {}},
      {"a logout token of another event",
       R"(,"typ":"logout+jwt")",
       COMMON EXPIRY R"(,"sub":"alice","jti":"1","events":{"https://other":{}})",
       {}},
      {"a logout token whose event is no object",
       R"(,"typ":"logout+jwt")",
       COMMON EXPIRY
       R"(,"sub":"a","jti":"1","events":{"http://schemas.openid.net/event/backchannel-logout":1})",
       {}},
      {"a security event",
       R"(,"typ":"secevent+jwt")",
       COMMON R"(,"jti":"1","sub_id":{"format":"opaque","id":"x"},"events":{"https://e":{}})",
       {JwtKind::security_event}},
      {"a security event with a subject and an end",
       R"(,"typ":"secevent+jwt")",
       COMMON EXPIRY R"(,"sub":"alice","jti":"1","events":{"https://e":{}})",
       {}},
      {"a security event without events",
       R"(,"typ":"secevent+jwt")",
       COMMON R"(,"jti":"1","events":{})",
       {}},
      {"an identity assertion (ID-JAG)",
       R"(,"typ":"oauth-id-jag+jwt")",
       COMMON EXPIRY R"(,"sub":"alice","client_id":"app","jti":"1","nonce":"n")",
       {}},
      {"a client assertion",
       R"(,"typ":"client-authentication+jwt")",
       COMMON EXPIRY R"(,"sub":"https://i","jti":"1","nonce":"n")",
       {}},
      {"a proof of possession",
       R"(,"typ":"dpop+jwt")",
       R"("jti":"1","htm":"POST","htu":"https://reeve","iat":1799999990,"nonce":"n")",
       {}},
      {"a request object",
       R"(,"typ":"oauth-authz-req+jwt")",
       COMMON EXPIRY R"(,"client_id":"app","response_type":"code","nonce":"n","sub":"a")",
       {}},
      {"an introspection answer",
       R"(,"typ":"token-introspection+jwt")",
       COMMON R"(,"token_introspection":{"active":true,"sub":"alice"})",
       {}},
      {"a SPIFFE identity",
       R"(,"typ":"JWT")",
       R"("sub":"spiffe://d/a","aud":"reeve","exp":1800000300,"iat":1799999990,"nonce":"n")",
       {}},
      {"an entity statement",
       R"(,"typ":"entity-statement+jwt")",
       COMMON EXPIRY R"(,"sub":"alice","nonce":"n")",
       {}},
      {"no claims at all", "", R"("x":1)", {}},
  };
  return list;
}

TEST(JwtMatrix, each_kind_passes_where_it_belongs_and_nowhere_else) {
  const Signer signer = Signer::ec("P-256");
  const auto keys = parse_jwks(jwks({signer.jwk()}));
  ASSERT_TRUE(keys);
  JwtExpectation expected;
  expected.issuer = "https://i";
  expected.audiences = {"reeve"};
  expected.algorithms = {Algorithm::es256};
  expected.nonce = "n";
  const std::map<JwtKind, const char*> places = {{JwtKind::id_token, "sign-in"},
                                                 {JwtKind::user_token, "user token"},
                                                 {JwtKind::access_token, "access token"},
                                                 {JwtKind::logout_token, "logout"},
                                                 {JwtKind::security_event, "security event"}};
  for (const Token& token : tokens()) {
    const std::string text =
        signer.sign(Algorithm::es256, R"({"alg":"ES256")" + std::string(token.typ) + "}",
                    "{" + std::string(token.claims) + "}");
    for (const auto& [kind, place] : places) {
      const auto verdict = verify_jwt(text, kind, expected, *keys, kNow);
      const bool passes =
          std::find(token.places.begin(), token.places.end(), kind) != token.places.end();
      EXPECT_EQ(std::holds_alternative<Claims>(verdict), passes)
          << token.name << " at " << place << ": "
          << (passes ? std::get<JwtFailure>(verdict).text : "accepted");
    }
  }
}

}  // namespace
}  // namespace reeve
