#include "oauth/token_answer.h"

#include <algorithm>

#include "oauth/lifetime.h"
#include "oauth/pointer.h"
#include "oauth/text.h"

namespace reeve {
namespace {

bool blank(const HttpResponse& response) {
  return response.body.reveal().find_first_not_of(" \t\r\n") == std::string_view::npos;
}

bool bearer(std::string_view type) {
  constexpr std::string_view name = "bearer";
  return std::equal(type.begin(), type.end(), name.begin(), name.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

// Reads the members of one answer; the first thing wrong stays in `problem`.
class Reader {
 public:
  Reader(Json& members, const Preset& preset) : members_(members), preset_(preset) {}

  TokenAnswer read() {
    TokenAnswer answer;
    if (auto token = secret("access_token")) answer.access_token = std::move(*token);
    else fail("no access_token");
    if (bearer(members_.text("token_type"))) answer.token_type = "Bearer";
    else fail("a token_type that is not Bearer");
    answer.refresh_token = secret("refresh_token");
    answer.id_token = secret("id_token");
    answer.expires_in = lifetime();
    answer.scopes = scopes();
    return answer;
  }

  std::string_view problem;

 private:
  void fail(std::string_view what) {
    if (problem.empty()) problem = what;
  }

  // Absent, null and empty are the same.
  Json* present(std::string_view name) {
    Json* member = at_pointer(members_, "/" + std::string(name));
    const bool empty = member == nullptr || member->is_null() ||
                       (member->string() != nullptr && member->string()->empty());
    return empty ? nullptr : member;
  }

  std::optional<Secret> secret(std::string_view name) {
    if (present(name) == nullptr) return std::nullopt;
    Secret token(members_.take_text(name));
    if (visible_text(token.reveal(), kTokenBytes)) return token;
    fail("a token with characters that no token has, or over 16 KiB");
    return std::nullopt;
  }

  std::optional<int64_t> lifetime() {
    const Json* member = present("expires_in");
    if (member == nullptr) return std::nullopt;
    const auto seconds = read_seconds(*member);
    if (!seconds) fail("an expires_in that is no number of seconds");
    return seconds;
  }

  // An empty scope, unlike an absent one, says that nothing was granted.
  std::optional<std::vector<std::string>> scopes() {
    const Json* member = members_.find("scope");
    if (member == nullptr || member->is_null()) return std::nullopt;
    std::string text;
    if (const auto list = members_.strings("scope")) {
      for (const std::string& scope : *list) text += scope + ' ';
    } else if (member->string() != nullptr) {
      text = *member->string();
    } else {
      fail("a scope that is no text");
    }
    auto granted = split_scopes(text, preset_.granted_separator);
    if (!granted) fail("a scope with characters that no scope has, or too many");
    else rename(*granted);
    return granted;
  }

  void rename(std::vector<std::string>& granted) const {
    for (std::string& scope : granted) {
      const auto name = preset_.scope_names.find(scope);
      if (name != preset_.scope_names.end()) scope = name->second;
    }
  }

  Json& members_;
  const Preset& preset_;
};

}  // namespace

std::variant<TokenAnswer, TokenProblem> judge_token_answer(const HttpResponse& response,
                                                           const Preset& preset) {
  if (response.status == 400 && blank(response)) {
    return TokenProblem{TokenProblem::Kind::invalid_grant, "http_400", {}, std::nullopt};
  }
  auto judged = judge_answer(response);
  if (auto* problem = std::get_if<TokenProblem>(&judged)) return std::move(*problem);
  Json* members = at_pointer(*std::get_if<Json>(&judged), preset.answer_at);
  if (members == nullptr || members->object() == nullptr) return malformed_answer("no tokens");
  Reader reader(*members, preset);
  TokenAnswer answer = reader.read();
  if (!reader.problem.empty()) return malformed_answer(reader.problem);
  return answer;
}

}  // namespace reeve
