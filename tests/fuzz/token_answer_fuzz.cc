// What token, PAR, UserInfo and revocation endpoints may send. The input is "STATUS TYPE", a
// newline, and the body; whatever is accepted must be fit to stand in a header.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "oauth/account.h"
#include "oauth/authorization.h"
#include "oauth/lifetime.h"
#include "oauth/revocation.h"
#include "oauth/text.h"
#include "oauth/token_answer.h"

namespace {

using namespace reeve;

HttpResponse response(std::string_view input) {
  HttpResponse made;
  const size_t end = std::min(input.find('\n'), input.size());
  const std::string_view head = input.substr(0, end);
  for (const char c : head.substr(0, 3)) {
    made.status = made.status * 10 + (c >= '0' && c <= '9' ? c - '0' : 0);
  }
  if (head.size() > 4) made.headers.emplace_back("Content-Type", head.substr(4));
  made.headers.emplace_back("Retry-After", head);
  made.body = Secret::copy_of(input.substr(std::min(end + 1, input.size())));
  return made;
}

void check_token(const Secret& token) {
  if (!visible_text(token.reveal(), kTokenBytes)) std::abort();
}

void check(const TokenAnswer& answer) {
  check_token(answer.access_token);
  if (answer.refresh_token) check_token(*answer.refresh_token);
  if (answer.id_token) check_token(*answer.id_token);
  if (answer.token_type != "Bearer") std::abort();
  if (answer.expires_in && (*answer.expires_in < 0 || *answer.expires_in > kLongestLifetime)) {
    std::abort();
  }
  for (const auto& scope : answer.scopes.value_or(std::vector<std::string>())) {
    if (!scope_token(scope)) std::abort();
  }
}

void check(const TokenProblem& problem) {
  if (problem.error.empty() || problem.error.size() > 64) std::abort();
  if (problem.description.size() > 204 || !valid_utf8(problem.description)) std::abort();
  if (problem.retry_after && (*problem.retry_after < 0 || *problem.retry_after > 3600))
    std::abort();
}

template <class T>
void check_either(const std::variant<T, TokenProblem>& judged) {
  if (const auto* problem = std::get_if<TokenProblem>(&judged)) check(*problem);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const HttpResponse given = response({reinterpret_cast<const char*>(data), size});
  Preset preset;
  for (const char separator : {' ', ','}) {
    preset.granted_separator = separator;
    const auto judged = judge_token_answer(given, preset);
    if (const auto* answer = std::get_if<TokenAnswer>(&judged)) check(*answer);
    check_either(judged);
    preset.answer_at = "/authed_user";
    preset.scope_names = {{"a", "b"}};
  }
  check_either(judge_pushed(given));
  const auto account = judge_userinfo(given, {}, "");
  if (const auto* found = std::get_if<Account>(&account)) {
    if (found->id.empty() || found->id.size() > 255 || found->label.empty()) std::abort();
  }
  check_either(account);
  if (const auto problem = judge_revocation(RevocationKind::rfc7009, given)) check(*problem);
  (void)cache_seconds(given);
  return 0;
}
