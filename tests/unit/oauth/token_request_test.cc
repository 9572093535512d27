#include "oauth/token_request.h"

#include <gtest/gtest.h>

#include "answers.h"

namespace reeve {
namespace {

using test::field;

ClientIdentity client() { return {"reeve", Secret::copy_of("secret"), ClientAuth::basic, false}; }

TEST(TokenRequest, redeems_a_code) {
  const Secret code = Secret::copy_of("Splx+lO/Be"), verifier = Secret::copy_of("dBjf"), none;
  CodeGrant grant = {code, verifier, "https://agents.example.com/callback/c1", {"urn:a", "urn:b"}};
  const HttpRequest request = code_request("https://as/token", grant, client());
  EXPECT_EQ(request.url, "https://as/token");
  EXPECT_EQ(request.body.reveal(),
            "grant_type=authorization_code&code=Splx%2BlO%2FBe&redirect_uri="
            "https%3A%2F%2Fagents.example.com%2Fcallback%2Fc1&code_verifier=dBjf"
            "&resource=urn%3Aa&resource=urn%3Ab");
  const CodeGrant without = {code, none, "https://a", {}};
  EXPECT_EQ(field(code_request("https://as/token", without, client()), "code_verifier"), "-");
}

TEST(TokenRequest, refreshes) {
  const Secret token = Secret::copy_of("tGzv3JOkF0XG5Qx2TlKWIA");
  EXPECT_EQ(refresh_request("https://as/token", {token, {}, ' ', {}}, client()).body.reveal(),
            "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA");
  EXPECT_EQ(
      refresh_request("https://as/token", {token, {"a", "b:c"}, ' ', {"https://api/"}}, client())
          .body.reveal(),
      "grant_type=refresh_token&refresh_token=tGzv3JOkF0XG5Qx2TlKWIA&scope=a+b%3Ac"
      "&resource=https%3A%2F%2Fapi%2F");
  EXPECT_EQ(
      field(refresh_request("https://as/token", {token, {"a", "b"}, ',', {}}, client()), "scope"),
      "a,b");
}

}  // namespace
}  // namespace reeve
