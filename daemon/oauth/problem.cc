#include "oauth/problem.h"

#include <algorithm>
#include <array>

#include "oauth/text.h"

namespace reeve {
namespace {

using Kind = TokenProblem::Kind;

constexpr int64_t kRetryMost = 3600;

struct ErrorRow {
  std::string_view name;
  Kind kind;
};
// RFC 6749 section 5.2, RFC 8707 section 2, and the names that servers use instead.
constexpr std::array kErrors = {
    ErrorRow{"invalid_grant", Kind::invalid_grant},
    ErrorRow{"invalid_code", Kind::invalid_grant},
    ErrorRow{"bad_verification_code", Kind::invalid_grant},
    ErrorRow{"bad_refresh_token", Kind::invalid_grant},
    ErrorRow{"invalid_refresh_token", Kind::invalid_grant},
    ErrorRow{"invalid_client", Kind::invalid_client},
    ErrorRow{"unauthorized_client", Kind::invalid_client},
    ErrorRow{"incorrect_client_credentials", Kind::invalid_client},
    ErrorRow{"invalid_client_id", Kind::invalid_client},
    ErrorRow{"bad_client_id", Kind::invalid_client},
    ErrorRow{"bad_client_secret", Kind::invalid_client},
    ErrorRow{"invalid_scope", Kind::invalid_scope},
    ErrorRow{"invalid_target", Kind::invalid_target},
    ErrorRow{"temporarily_unavailable", Kind::transient},
    ErrorRow{"server_error", Kind::transient},
    ErrorRow{"slow_down", Kind::transient},
    ErrorRow{"rate_limited", Kind::transient},
    ErrorRow{"rate_limit_exceeded", Kind::transient},
    ErrorRow{"too_many_requests", Kind::transient},
};

Kind kind_of(std::string_view error) {
  for (const ErrorRow& row : kErrors) {
    if (row.name == error) return row.kind;
  }
  return Kind::other;
}

bool success(int status) { return status >= 200 && status < 300; }
bool later(int status) { return status == 429 || status == 408 || status >= 500; }

// Seconds only: the other form, a date, would need a clock, and is rare at token endpoints.
std::optional<int64_t> retry_after(const HttpResponse& response) {
  const std::string* header = find_header(response.headers, "Retry-After");
  if (header == nullptr || header->empty()) return std::nullopt;
  int64_t seconds = 0;
  for (const char c : *header) {
    if (c < '0' || c > '9') return std::nullopt;
    seconds = std::min(seconds * 10 + (c - '0'), kRetryMost);
  }
  return seconds;
}

// True if the answer says that something is wrong, whatever its status.
bool says_no(const Json& members) {
  const Json* error = members.find("error");
  const bool named = error != nullptr && !error->is_null() &&
                     !(error->string() != nullptr && error->string()->empty()) &&
                     error->boolean() != std::optional(false);
  return named || members.boolean("ok") == std::optional(false);
}

TokenProblem read_problem(const Json* members, const HttpResponse& response) {
  TokenProblem problem;
  problem.error = "http_" + std::to_string(response.status);
  problem.retry_after = retry_after(response);
  if (members != nullptr && says_no(*members)) {
    problem.error = error_word(members->text("error"));
    problem.kind = kind_of(problem.error);
    problem.description = summary(members->text("error_description"));
  } else if (response.status == 401) {
    problem.kind = Kind::invalid_client;
  }
  // The status outweighs the words here: what a broken server says must not kill a grant.
  if (later(response.status) || (problem.kind == Kind::other && problem.retry_after)) {
    problem.kind = Kind::transient;
  }
  return problem;
}

std::optional<Json> read_form(std::string_view body) {
  auto pairs = parse_form(body);
  if (!pairs || pairs->empty()) return std::nullopt;
  JsonObject members;
  for (auto& [name, value] : *pairs) {
    const auto same = [&name = name](const auto& member) { return member.first == name; };
    if (std::any_of(members.begin(), members.end(), same)) return std::nullopt;
    if (!valid_utf8(value)) return std::nullopt;
    members.emplace_back(std::move(name), Json(std::move(value)));
  }
  return Json(std::move(members));
}

}  // namespace

TokenProblem network_problem(const Error& error, Fate fate) {
  const char* const word = fate == Fate::lost ? "answer_lost" : "network";
  const bool silent = error.code == Code::timeout;
  return {Kind::transient, word, summary(error.text), std::nullopt, fate, silent};
}

bool says_reuse(const TokenProblem& problem) {
  std::string text = problem.error + " " + problem.description;
  for (char& c : text) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  constexpr std::string_view words[] = {
      "reuse", "re-use", "already used", "already been used", "replay", "already redeemed"};
  return std::any_of(std::begin(words), std::end(words),
                     [&](std::string_view word) { return text.find(word) != text.npos; });
}

TokenProblem malformed_answer(std::string_view what) {
  return {Kind::malformed, "malformed_answer", std::string(what), std::nullopt, Fate::answered};
}

std::optional<Json> read_members(const HttpResponse& response) {
  const std::string_view body = response.body.reveal();
  const size_t first = body.find_first_not_of(" \t\r\n");
  if (first == body.npos) return std::nullopt;
  // By what it is rather than by what it is called: some servers call JSON text/html.
  if (body[first] == '{') {
    auto members = parse_json(body);
    if (!members || members->object() == nullptr) return std::nullopt;
    return std::move(*members);
  }
  const std::string type = media_type(response);
  if (type != "application/x-www-form-urlencoded" && type != "text/plain") return std::nullopt;
  return read_form(body);
}

std::variant<Json, TokenProblem> judge_answer(const HttpResponse& response) {
  auto members = read_members(response);
  const Json* seen = members ? &*members : nullptr;
  if (!success(response.status) || (seen != nullptr && says_no(*seen))) {
    return read_problem(seen, response);
  }
  if (seen == nullptr) return malformed_answer("the answer is neither JSON nor form-encoded");
  return std::move(*members);
}

}  // namespace reeve
