#include "oauth/account.h"

#include <algorithm>

#include "base/encoding.h"
#include "oauth/pointer.h"

namespace reeve {
namespace {

constexpr size_t kIdBytes = 255;
constexpr size_t kLabelBytes = 100;

// A string, or an integer in decimal (GitHub's ids are numbers); empty where it is neither.
std::string text_of(const Json* value) {
  if (value == nullptr) return {};
  if (value->string() != nullptr) return *value->string();
  const auto number = value->integer();
  return number ? std::to_string(*number) : std::string();
}

bool plain(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::string domain_of(const Json& claims) {
  std::string domain = text_of(at_pointer(claims, "/hd"));
  if (domain.empty()) {
    const std::string address = vouched_text(claims, "/email");
    const size_t at = address.rfind('@');
    if (at != std::string::npos) domain = address.substr(at + 1);
  }
  std::transform(domain.begin(), domain.end(), domain.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return domain;
}

}  // namespace

std::string vouched_text(const Json& claims, std::string_view pointer) {
  std::string text = text_of(at_pointer(claims, pointer));
  if (text.size() > kIdBytes || !plain(text)) return {};
  if (!pointer.ends_with("/email") && !pointer.ends_with("/phone_number")) return text;
  const Json* verified = at_pointer(claims, std::string(pointer) + "_verified");
  // Some servers write booleans as strings.
  const bool holds =
      verified != nullptr && (verified->boolean() == true ||
                              (verified->string() != nullptr && *verified->string() == "true"));
  return holds ? text : std::string();
}

HttpRequest userinfo_request(std::string url, const Secret& access_token) {
  HttpRequest request = get_json(std::move(url));
  request.headers.emplace_back("Authorization", "Bearer " + std::string(access_token.reveal()));
  return request;
}

std::variant<Account, TokenProblem> judge_userinfo(const HttpResponse& response,
                                                   const AccountRules& rules,
                                                   std::string_view sub) {
  auto judged = judge_answer(response);
  if (auto* problem = std::get_if<TokenProblem>(&judged)) {
    // Here 401 speaks of the access token, not of the client.
    if (problem->kind == TokenProblem::Kind::invalid_client)
      problem->kind = TokenProblem::Kind::other;
    return std::move(*problem);
  }
  if (media_type(response) == "application/x-www-form-urlencoded") {
    return malformed_answer("an account is told in JSON");
  }
  const Json& members = *std::get_if<Json>(&judged);
  if (!sub.empty() && members.text("sub") != sub) {
    return malformed_answer("the account's sub is not that of the ID token");
  }
  return read_account(members, rules);
}

std::variant<Account, TokenProblem> read_account(const Json& claims, const AccountRules& rules) {
  Account account;
  account.id = text_of(at_pointer(claims, rules.id));
  if (account.id.empty() || account.id.size() > kIdBytes || !plain(account.id)) {
    return malformed_answer("no usable account id");
  }
  if (!rules.match.empty()) account.match = vouched_text(claims, rules.match);
  account.domain = domain_of(claims);
  for (const std::string& pointer : rules.label) {
    const std::string text = text_of(at_pointer(claims, pointer));
    if (text.empty()) continue;
    account.label = printable(text, kLabelBytes);
    return account;
  }
  account.label = printable(account.id, kLabelBytes);
  return account;
}

}  // namespace reeve
