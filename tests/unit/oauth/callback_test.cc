#include "oauth/callback.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

using Kind = CallbackProblem::Kind;

constexpr const char* kIssuer = "https://as.example";

// The code, or "mix_up", "malformed", "declined", "failed"; "unread" where it cannot be read at
// all.
std::string verdict(Parameters parameters, const CallbackRules& rules) {
  auto answer = read_callback(std::move(parameters));
  if (!answer) return "unread";
  const auto judged = judge_callback(std::move(*answer), rules);
  if (const auto* code = std::get_if<Secret>(&judged)) return std::string(code->reveal());
  static const char* names[] = {"mix_up", "malformed", "declined", "failed"};
  return names[static_cast<size_t>(std::get<CallbackProblem>(judged).kind)];
}

TEST(Callback, compares_iss_as_the_table_says) {
  struct Row {
    const char* iss;  // null: absent
    bool supported;
    const char *on_code, *on_error;
  };
  const Row rows[] = {
      {kIssuer, true, "c1", "declined"},
      {"https://evil.example", true, "mix_up", "mix_up"},
      {nullptr, true, "mix_up", "mix_up"},
      {"", true, "mix_up", "mix_up"},
      {kIssuer, false, "c1", "declined"},
      {"https://evil.example", false, "mix_up", "mix_up"},
      {nullptr, false, "c1", "declined"},
      // Simple string comparison: none of these is the issuer.
      {"https://as.example/", false, "mix_up", "mix_up"},
      {"https://AS.example", true, "mix_up", "mix_up"},
      {"https://as.example:443", true, "mix_up", "mix_up"},
      {"https://as.exampl%65", true, "mix_up", "mix_up"},
  };
  for (const Row& row : rows) {
    Parameters code = {{"state", "s"}, {"code", "c1"}};
    Parameters error = {{"state", "s"}, {"error", "access_denied"}};
    if (row.iss != nullptr) {
      code.emplace_back("iss", row.iss);
      error.emplace_back("iss", row.iss);
    }
    const CallbackRules rules = {kIssuer, row.supported};
    EXPECT_EQ(verdict(code, rules), row.on_code) << (row.iss == nullptr ? "-" : row.iss);
    EXPECT_EQ(verdict(error, rules), row.on_error) << (row.iss == nullptr ? "-" : row.iss);
  }
}

TEST(Callback, has_nothing_to_compare_where_the_issuer_is_unknown) {
  EXPECT_EQ(verdict({{"code", "c1"}, {"iss", kIssuer}}, {"", false}), "c1");
  EXPECT_EQ(verdict({{"code", "c1"}}, {"", false}), "c1");
  EXPECT_EQ(verdict({{"code", "c1"}, {"iss", kIssuer}}, {"", true}), "mix_up");
}

TEST(Callback, wants_a_code_or_an_error) {
  const CallbackRules rules = {kIssuer, false};
  EXPECT_EQ(verdict({{"state", "s"}}, rules), "malformed");
  EXPECT_EQ(verdict({}, rules), "malformed");
  EXPECT_EQ(verdict({{"code", ""}}, rules), "malformed");
  EXPECT_EQ(verdict({{"code", "c1"}, {"error", "access_denied"}}, rules), "malformed");
  EXPECT_EQ(verdict({{"code", "c1"}, {"error", ""}}, rules), "c1");
  EXPECT_EQ(verdict({{"error", "access_denied"}}, rules), "declined");
  EXPECT_EQ(verdict({{"error", "server_error"}}, rules), "failed");
  EXPECT_EQ(verdict({{"access_token", "t"}, {"token_type", "bearer"}}, rules), "malformed");
  EXPECT_EQ(verdict({{"id_token", "t"}, {"state", "s"}}, rules), "malformed");
}

TEST(Callback, refuses_parameters_that_come_twice_or_are_no_text) {
  const CallbackRules rules = {kIssuer, false};
  const Parameters cases[] = {
      {{"code", "c1"}, {"code", "c2"}},
      {{"code", "c1"}, {"code", "c1"}},
      {{"code", "c1"}, {"code", ""}},
      {{"code", "c1"}, {"state", "a"}, {"state", "b"}},
      {{"code", "c1"}, {"iss", kIssuer}, {"iss", "https://evil"}},
      {{"code", "c1"}, {"unknown", "a"}, {"unknown", "b"}},
      {{"code", "c\n1"}},
      {{"code", std::string("c\0", 2)}},
      {{"code", "c\xC3\xA9"}},
      {{"code", std::string(4097, 'c')}},
      {{"code", "c"}, {"state", "s\r\nSet-Cookie: x"}},
      {{"code", "c"}, {"state", std::string(513, 's')}},
      {{"code", "c"}, {"iss", std::string(2049, 'i')}},
      {{"error", "a\x1b[31m"}},
      {{"error", "a"}, {"error_description", std::string(2049, 'd')}},
  };
  for (const Parameters& parameters : cases) EXPECT_EQ(verdict(parameters, rules), "unread");
}

TEST(Callback, tells_of_an_error_what_may_be_told) {
  auto answer =
      read_callback({{"error", "invalid_scope"},
                     {"error_description", "<b>no</b>\n code 4/P7q7W91a-oMsCeLvIaQm6bTrgtp7"},
                     {"state", "s"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->state.reveal(), "s");
  const auto judged = judge_callback(std::move(*answer), {kIssuer, false});
  const auto& problem = std::get<CallbackProblem>(judged);
  EXPECT_EQ(problem.kind, Kind::failed);
  EXPECT_EQ(problem.error, "invalid_scope");
  EXPECT_EQ(problem.description, "<b>no</b>\xEF\xBF\xBD code [...]");
}

TEST(Callback, tells_nothing_of_an_answer_of_another_server) {
  auto answer = read_callback({{"error", "access_denied"},
                               {"error_description", "call 555 now"},
                               {"iss", "https://evil.example"}});
  ASSERT_TRUE(answer);
  const auto judged = judge_callback(std::move(*answer), {kIssuer, false});
  EXPECT_EQ(std::get<CallbackProblem>(judged).error, "");
  EXPECT_EQ(std::get<CallbackProblem>(judged).description, "");
}

}  // namespace
}  // namespace reeve
