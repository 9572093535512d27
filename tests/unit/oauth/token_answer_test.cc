#include "oauth/token_answer.h"

#include <gtest/gtest.h>

#include "answers.h"
#include "oauth/lifetime.h"

namespace reeve {
namespace {

using Kind = TokenProblem::Kind;
using List = std::vector<std::string>;
using test::answer;

constexpr const char* kForm = "application/x-www-form-urlencoded";

std::string body(std::string_view more) {
  return R"({"access_token":"2YotnFZFEjr1zCsicMWpAA","token_type":"Bearer")" + std::string(more) +
         "}";
}

TokenAnswer tokens(const HttpResponse& response, const Preset& preset = {}) {
  auto judged = judge_token_answer(response, preset);
  const auto* problem = std::get_if<TokenProblem>(&judged);
  EXPECT_EQ(problem, nullptr) << problem->error << ": " << problem->description;
  return problem == nullptr ? std::move(std::get<TokenAnswer>(judged)) : TokenAnswer();
}

TokenProblem problem(const HttpResponse& response, const Preset& preset = {}) {
  auto judged = judge_token_answer(response, preset);
  if (auto* found = std::get_if<TokenProblem>(&judged)) return std::move(*found);
  ADD_FAILURE() << "accepted: " << response.body.reveal();
  return {};
}

TEST(TokenAnswer, reads_the_example_of_the_standard) {
  // RFC 6749 section 5.1.
  const TokenAnswer read = tokens(answer(200, R"({
       "access_token":"2YotnFZFEjr1zCsicMWpAA",
       "token_type":"bearer",
       "expires_in":3600,
       "refresh_token":"tGzv3JOkF0XG5Qx2TlKWIA",
       "example_parameter":"example_value"
     })"));
  EXPECT_EQ(read.access_token.reveal(), "2YotnFZFEjr1zCsicMWpAA");
  EXPECT_EQ(read.token_type, "Bearer");
  EXPECT_EQ(read.expires_in, 3600);
  EXPECT_EQ(read.refresh_token->reveal(), "tGzv3JOkF0XG5Qx2TlKWIA");
  EXPECT_FALSE(read.scopes);
  EXPECT_FALSE(read.id_token);
}

TEST(TokenAnswer, takes_absent_null_and_empty_for_the_same) {
  for (const char* value : {"null", "\"\""}) {
    const std::string more = R"(,"refresh_token":)" + std::string(value) + R"(,"id_token":)" +
                             value + R"(,"expires_in":)" + value + R"(,"error":)" + value;
    const TokenAnswer read = tokens(answer(200, body(more)));
    EXPECT_FALSE(read.refresh_token) << value;
    EXPECT_FALSE(read.id_token) << value;
    EXPECT_FALSE(read.expires_in) << value;
  }
}

TEST(TokenAnswer, reads_expires_in_as_servers_write_it) {
  const std::pair<const char*, int64_t> good[] = {
      {"3600", 3600},
      {"0", 0},
      {"\"3600\"", 3600},
      {"3599.9", 3599},
      {"3.6e3", 3600},
      {"9223372036854775807", kLongestLifetime},
      {"1e300", kLongestLifetime},
      {"\"99999999999999999999\"", kLongestLifetime},
  };
  for (const auto& [text, seconds] : good) {
    EXPECT_EQ(tokens(answer(200, body(",\"expires_in\":" + std::string(text)))).expires_in, seconds)
        << text;
  }
  for (const char* text : {"-1", "-0.5", "\"-1\"", "\"3600.0\"", "\"1e3\"", "\" 3600\"", "\"soon\"",
                           "9223372036854775808", "1e999", "true", "[3600]", "{}", "NaN",
                           "\"999999999999999999999\""}) {
    EXPECT_EQ(problem(answer(200, body(",\"expires_in\":" + std::string(text)))).kind,
              Kind::malformed)
        << text;
  }
}

TEST(TokenAnswer, reads_granted_scopes) {
  Preset commas;
  commas.granted_separator = ',';
  Preset renaming;
  renaming.scope_names = {{"https://long/email", "email"}};
  const auto scopes = [](const char* json, const Preset& preset = {}) {
    return tokens(answer(200, body(",\"scope\":" + std::string(json))), preset).scopes;
  };
  EXPECT_EQ(scopes("\"a b\""), (List{"a", "b"}));
  EXPECT_EQ(scopes("\"b  a b \""), (List{"b", "a"}));
  EXPECT_EQ(scopes("\"a,b\""), (List{"a,b"}));
  EXPECT_EQ(scopes("\"repo,read:user\"", commas), (List{"repo", "read:user"}));
  EXPECT_EQ(scopes("\"openid https://long/email\"", renaming), (List{"openid", "email"}));
  EXPECT_EQ(scopes("[\"a\",\"b\"]"), (List{"a", "b"}));
  EXPECT_EQ(scopes("\"\""), List()) << "nothing was granted, and it says so";
  EXPECT_EQ(scopes("[]"), List());
  EXPECT_EQ(scopes("null"), std::nullopt);
  for (const char* json : {"\"a\\u0000b\"", "\"a\\nb\"", "\"a\\\"b\"", "\"a\\\\b\"", "\"\\u00e9\"",
                           "7", "{}", "[1]", "[\"a\\tb\"]"}) {
    EXPECT_EQ(problem(answer(200, body(",\"scope\":" + std::string(json)))).kind, Kind::malformed)
        << json;
  }
}

TEST(TokenAnswer, takes_bearer_tokens_only) {
  for (const char* type : {"Bearer", "bearer", "bEaReR", "BEARER"}) {
    EXPECT_EQ(
        tokens(answer(200, R"({"access_token":"t","token_type":")" + std::string(type) + "\"}"))
            .token_type,
        "Bearer");
  }
  for (const char* type : {"\"DPoP\"", "\"mac\"", "\"N_A\"", "\"\"", "null", "7", "\"Bearer \"",
                           "\"bearers\"", "\"bear\\u0000er\""}) {
    EXPECT_EQ(
        problem(answer(200, R"({"access_token":"t","token_type":)" + std::string(type) + "}")).kind,
        Kind::malformed)
        << type;
  }
  EXPECT_EQ(problem(answer(200, R"({"access_token":"t"})")).kind, Kind::malformed);
}

TEST(TokenAnswer, takes_tokens_that_can_stand_in_a_header) {
  const auto with = [](const char* name, const std::string& token) {
    std::string text = R"({"token_type":"bearer")";
    if (std::string(name) != "access_token") text += R"(,"access_token":"t")";
    return answer(200, text + ",\"" + name + "\":" + token + "}");
  };
  for (const char* name : {"access_token", "refresh_token", "id_token"}) {
    for (const char* token : {"\"a\\r\\nX: y\"", "\"a\\u0000\"", "\"\\u00e9\"", "\"\\u007f\"", "7",
                              "[\"a\"]", "{}", "true"}) {
      EXPECT_EQ(problem(with(name, token)).kind, Kind::malformed) << name << token;
    }
    EXPECT_EQ(problem(with(name, '"' + std::string(16385, 'a') + '"')).kind, Kind::malformed);
    tokens(with(name, '"' + std::string(16384, 'a') + '"'));
    tokens(with(name, "\"a-._~+/= !\""));
  }
}

TEST(TokenAnswer, reads_forms_too) {
  const TokenAnswer read = tokens(
      answer(200, "access_token=gho_16C7&scope=repo%2Cgist&token_type=bearer&expires_in=28800",
             kForm),
      [] {
        Preset preset;
        preset.granted_separator = ',';
        return preset;
      }());
  EXPECT_EQ(read.access_token.reveal(), "gho_16C7");
  EXPECT_EQ(read.scopes, (List{"repo", "gist"}));
  EXPECT_EQ(read.expires_in, 28800);
  EXPECT_EQ(problem(answer(200, "error=bad_verification_code&error_description=no", kForm)).kind,
            Kind::invalid_grant);
  for (const char* text : {"access_token=a&access_token=b&token_type=bearer", "access_token=%",
                           "access_token=%ff&token_type=bearer", "&&&", "x"}) {
    EXPECT_EQ(problem(answer(200, text, kForm)).kind, Kind::malformed) << text;
  }
  EXPECT_EQ(problem(answer(200, "access_token=a&token_type=bearer", "text/html")).kind,
            Kind::malformed);
}

TEST(TokenAnswer, reads_json_whatever_it_is_called) {
  for (const char* type : {"text/html", "text/plain", "", "application/octet-stream", kForm}) {
    tokens(answer(200, " \r\n" + body(""), type));
  }
}

TEST(TokenAnswer, finds_tokens_where_the_preset_says) {
  Preset preset;
  preset.answer_at = "/authed_user";
  const std::string text =
      R"({"ok":true,"access_token":"bot","token_type":"bot","authed_user":{"access_token":"user",)"
      R"("token_type":"user","token_type2":"bearer"}})";
  EXPECT_EQ(problem(answer(200, text), preset).kind, Kind::malformed) << "not a bearer token";
  const std::string good =
      R"({"ok":true,"authed_user":{"access_token":"xoxp-1","token_type":"Bearer"}})";
  EXPECT_EQ(tokens(answer(200, good), preset).access_token.reveal(), "xoxp-1");
  EXPECT_EQ(problem(answer(200, body("")), preset).kind, Kind::malformed);
}

TEST(TokenAnswer, tells_errors_apart) {
  struct Row {
    int status;
    std::string body;
    Kind kind;
    std::string error;
  };
  const Row rows[] = {
      {400, R"({"error":"invalid_grant"})", Kind::invalid_grant, "invalid_grant"},
      {401, R"({"error":"invalid_grant"})", Kind::invalid_grant, "invalid_grant"},
      {200, R"({"error":"bad_verification_code"})", Kind::invalid_grant, "bad_verification_code"},
      {200, R"({"error":"bad_refresh_token"})", Kind::invalid_grant, "bad_refresh_token"},
      {400, R"({"error":"invalid_code"})", Kind::invalid_grant, "invalid_code"},
      {400, R"({"ok":false,"error":"invalid_refresh_token"})", Kind::invalid_grant,
       "invalid_refresh_token"},
      {400, "", Kind::invalid_grant, "http_400"},
      {400, " \n", Kind::invalid_grant, "http_400"},
      {401, R"({"error":"invalid_client"})", Kind::invalid_client, "invalid_client"},
      {400, R"({"error":"invalid_client"})", Kind::invalid_client, "invalid_client"},
      {403, R"({"error":"invalid_client"})", Kind::invalid_client, "invalid_client"},
      {200, R"({"error":"incorrect_client_credentials"})", Kind::invalid_client,
       "incorrect_client_credentials"},
      {401, "", Kind::invalid_client, "http_401"},
      {401, "<html>", Kind::invalid_client, "http_401"},
      {400, R"({"error":"invalid_scope"})", Kind::invalid_scope, "invalid_scope"},
      {400, R"({"error":"invalid_target"})", Kind::invalid_target, "invalid_target"},
      {500, "", Kind::transient, "http_500"},
      {502, "<html>bad gateway</html>", Kind::transient, "http_502"},
      {503, R"({"error":"temporarily_unavailable"})", Kind::transient, "temporarily_unavailable"},
      {503, R"({"error":"invalid_grant"})", Kind::transient, "invalid_grant"},
      {429, R"({"error":"invalid_grant"})", Kind::transient, "invalid_grant"},
      {408, "", Kind::transient, "http_408"},
      {400, R"({"error":"server_error"})", Kind::transient, "server_error"},
      {400, R"({"error":"slow_down"})", Kind::transient, "slow_down"},
      {400, R"({"error":"unsupported_grant_type"})", Kind::other, "unsupported_grant_type"},
      {400, R"({"error":{"message":"Malformed token","code":190}})", Kind::other, "unrecognised"},
      {400, R"({"message":"no"})", Kind::other, "http_400"},
      {400, "<html>no</html>", Kind::other, "http_400"},
      {403, "", Kind::other, "http_403"},
      {302, "", Kind::other, "http_302"},
      {0, "", Kind::other, "http_0"},
      {200, R"({"ok":false})", Kind::other, "unrecognised"},
      {200, R"({"ok":false,"error":"ratelimited"})", Kind::other, "ratelimited"},
      // A yes and a no at once is a no.
      {200, body(R"(,"error":"invalid_grant")"), Kind::invalid_grant, "invalid_grant"},
      {400, body(""), Kind::other, "http_400"},
  };
  for (const Row& row : rows) {
    const TokenProblem found = problem(answer(row.status, row.body));
    EXPECT_EQ(found.kind, row.kind) << row.status << row.body;
    EXPECT_EQ(found.error, row.error) << row.status << row.body;
  }
}

TEST(TokenAnswer, judges_hostile_answers_without_using_any_of_them) {
  const std::string deep = std::string(5000, '[') + std::string(5000, ']');
  const std::string cases[] = {
      "",
      "null",
      "[]",
      "\"token\"",
      "{",
      "<html>",
      "{}",
      body("") + "x",
      body(R"(,"access_token":"other")"),
      body(R"(,"x":)" + deep),
      R"({"access_token":"","token_type":"bearer"})",
      R"({"access_token":null,"token_type":"bearer"})",
      body("") + std::string(300000, ' '),
      std::string("{\"access_token\":\"a\0b\"}", 22),
      "{\"access_token\":\"\xff\",\"token_type\":\"bearer\"}",
      "access_token=a&token_type=bearer",
  };
  for (const std::string& text : cases) {
    EXPECT_EQ(problem(answer(200, text)).kind, Kind::malformed) << text.substr(0, 80);
  }
}

TEST(TokenAnswer, never_quotes_a_secret_that_a_server_quotes) {
  const TokenProblem found = problem(answer(
      400,
      R"({"error":"invalid_grant","error_description":"Invalid refresh token: 8xLOxBtZp8aXbC"})"));
  EXPECT_EQ(found.description, "Invalid refresh token: [...]");
  EXPECT_EQ(problem(answer(400, R"({"error":"8xLOxBtZp8aXbCdEfGh"})")).error, "unrecognised");
}

TEST(TokenAnswer, tells_when_to_come_again) {
  const auto after = [](int status, const char* value, const char* text = "") {
    const TokenProblem found = problem(answer(status, text, "", {{"Retry-After", value}}));
    return found.kind == Kind::transient ? found.retry_after : std::optional<int64_t>(-1);
  };
  EXPECT_EQ(after(429, "30"), 30);
  EXPECT_EQ(after(503, "0"), 0);
  EXPECT_EQ(after(503, "99999999999999999999999"), 3600);
  EXPECT_EQ(after(503, "-1"), std::nullopt);
  EXPECT_EQ(after(503, "Wed, 21 Oct 2026 07:28:00 GMT"), std::nullopt);
  EXPECT_EQ(after(403, "60", "{\"message\":\"rate limit\"}"), 60) << "a limit in other words";
  EXPECT_EQ(after(400, "60", "{\"error\":\"invalid_grant\"}"), -1);
}

TEST(TokenAnswer, takes_a_failed_exchange_for_a_passing_trouble) {
  const TokenProblem found = network_problem({Code::timeout, "fetch: timed out\n"});
  EXPECT_EQ(found.kind, Kind::transient);
  EXPECT_EQ(found.error, "network");
  EXPECT_EQ(found.description, "fetch: timed out\xEF\xBF\xBD");
}

}  // namespace
}  // namespace reeve
