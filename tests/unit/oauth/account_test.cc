#include "oauth/account.h"

#include <gtest/gtest.h>

#include "answers.h"

namespace reeve {
namespace {

using Kind = TokenProblem::Kind;
using test::answer;

AccountRules github() {
  AccountRules rules;
  rules.id = "/id";
  rules.label = {"/login"};
  return rules;
}

// "id label", or the problem's code.
std::string account(const HttpResponse& response, const AccountRules& rules = {},
                    std::string_view sub = "") {
  const auto judged = judge_userinfo(response, rules, sub);
  if (const auto* problem = std::get_if<TokenProblem>(&judged)) return problem->error;
  return std::get<Account>(judged).id + " " + std::get<Account>(judged).label;
}

TEST(Account, is_asked_for_with_the_token_in_the_header) {
  const HttpRequest request =
      userinfo_request("https://api.github.com/user", Secret::copy_of("gho_16C7"));
  EXPECT_EQ(request.url, "https://api.github.com/user");
  EXPECT_EQ(test::header(request, "Authorization"), "Bearer gho_16C7");
  EXPECT_EQ(test::header(request, "User-Agent"), "reeve") << "GitHub answers 403 without one";
}

TEST(Account, is_read_by_the_presets_pointers) {
  EXPECT_EQ(account(answer(200, R"({"id":583231,"login":"octocat"})"), github()), "583231 octocat");
  EXPECT_EQ(account(answer(200, R"({"sub":"a1","preferred_username":"","email":"a@b"})")),
            "a1 a@b");
  EXPECT_EQ(account(answer(200, R"({"sub":"a1"})")), "a1 a1");
  AccountRules nested;
  nested.id = "/data/0/id";
  nested.label = {"/data/0/name"};
  EXPECT_EQ(account(answer(200, R"({"data":[{"id":"7","name":"x\u001by"}]})"), nested),
            "7 x\xEF\xBF\xBDy");
}

TEST(Account, must_be_the_id_tokens_subject) {
  EXPECT_EQ(account(answer(200, R"({"sub":"a1"})"), {}, "a1"), "a1 a1");
  for (const char* text :
       {R"({"sub":"a2"})", R"({"sub":7})", R"({"id":"a1"})", R"({"sub":"A1"})"}) {
    EXPECT_EQ(account(answer(200, text), {}, "a1"), "malformed_answer") << text;
  }
}

TEST(Account, is_refused_where_the_answer_is_no_account) {
  const std::string cases[] = {"",
                               "{}",
                               "[]",
                               "null",
                               "<html>",
                               R"({"sub":""})",
                               R"({"sub":null})",
                               R"({"sub":1.5})",
                               R"({"sub":["a"]})",
                               R"({"sub":"a\u0000"})",
                               R"({"sub":"a\n"})",
                               R"({"sub":")" + std::string(256, 'a') + "\"}",
                               R"({"sub":"a","sub":"b"})",
                               "eyJhbGciOiJSUzI1NiJ9.e30.AAAA"};
  for (const std::string& text : cases) {
    EXPECT_EQ(account(answer(200, text)), "malformed_answer") << text;
  }
  EXPECT_EQ(account(answer(200, "sub=a", "application/x-www-form-urlencoded")), "malformed_answer");
  EXPECT_EQ(account(answer(200, "e30.e30.e30", "application/jwt")), "malformed_answer");
}

TEST(Account, tells_refusals_from_passing_troubles) {
  const std::tuple<int, const char*, Kind> cases[] = {
      {401, "", Kind::other}, {401, R"({"message":"Bad credentials"})", Kind::other},
      {403, "", Kind::other}, {503, "", Kind::transient},
      {302, "", Kind::other}, {200, R"({"ok":false,"error":"invalid_auth"})", Kind::other},
  };
  for (const auto& [status, body, kind] : cases) {
    const auto judged = judge_userinfo(answer(status, body), {}, "");
    ASSERT_TRUE(std::holds_alternative<TokenProblem>(judged));
    EXPECT_EQ(std::get<TokenProblem>(judged).kind, kind) << status << body;
  }
}

}  // namespace
}  // namespace reeve
