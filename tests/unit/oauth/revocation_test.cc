#include "oauth/revocation.h"

#include <gtest/gtest.h>

#include "answers.h"

namespace reeve {
namespace {

using Kind = TokenProblem::Kind;
using test::answer;
using test::field;

ClientIdentity client(ClientAuth auth) {
  return {"Iv1/abc", Secret::copy_of("secret"), auth, false};
}

TEST(Revocation, asks_as_the_standard_says) {
  const Secret token = Secret::copy_of("45ghiukldjahdnhzdauz");
  const HttpRequest request =
      revocation_request(RevocationKind::rfc7009, "https://as/revoke", client(ClientAuth::post),
                         token, TokenHint::refresh_token);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(field(request, "token"), "45ghiukldjahdnhzdauz");
  EXPECT_EQ(field(request, "token_type_hint"), "refresh_token");
  EXPECT_EQ(field(request, "client_secret"), "secret");
  EXPECT_EQ(field(revocation_request(RevocationKind::rfc7009, "https://as/revoke",
                                     client(ClientAuth::none), token, TokenHint::access_token),
                  "token_type_hint"),
            "access_token");
}

TEST(Revocation, deletes_at_providers_that_want_it_so) {
  const HttpRequest request = revocation_request(
      RevocationKind::json_delete, "https://api.github.com/applications/{client_id}/token",
      client(ClientAuth::post), Secret::copy_of("gho_\"x"), TokenHint::access_token);
  EXPECT_EQ(request.method, "DELETE");
  EXPECT_EQ(request.url, "https://api.github.com/applications/Iv1%2Fabc/token");
  EXPECT_EQ(request.body.reveal(), R"({"access_token":"gho_\"x"})");
  EXPECT_EQ(test::header(request, "Authorization"), "Basic " + base64("Iv1%2Fabc:secret"));
}

TEST(Revocation, knows_when_a_token_is_dead) {
  struct Row {
    RevocationKind kind;
    int status;
    const char* body;
    std::optional<Kind> problem;
  };
  const auto standard = RevocationKind::rfc7009, shaped = RevocationKind::json_delete;
  const Row rows[] = {
      {standard, 200, "", {}},
      {standard, 200, "{}", {}},
      {standard, 200, "ok", {}},
      {standard, 204, "", {}},
      {standard, 400, R"({"error":"invalid_token"})", {}},
      {shaped, 204, "", {}},
      {shaped, 404, R"({"message":"Not Found"})", {}},
      {standard, 404, "", Kind::other},
      {standard, 400, R"({"error":"unsupported_token_type"})", Kind::other},
      {standard, 200, R"({"ok":false,"error":"not_authed"})", Kind::other},
      {standard, 401, R"({"error":"invalid_client"})", Kind::invalid_client},
      {shaped, 422, "", Kind::other},
      {standard, 503, "", Kind::transient},
      {standard, 429, "", Kind::transient},
      {standard, 302, "", Kind::other},
  };
  for (const Row& row : rows) {
    const auto problem = judge_revocation(row.kind, answer(row.status, row.body));
    ASSERT_EQ(problem.has_value(), row.problem.has_value()) << row.status << row.body;
    if (problem) {
      EXPECT_EQ(problem->kind, *row.problem) << row.status << row.body;
    }
  }
}

}  // namespace
}  // namespace reeve
