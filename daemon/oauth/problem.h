// TokenProblem: why a provider's endpoint gave nothing, as one of the few kinds that callers branch
// on, and what may be told of it.
//
// Servers differ in how they say no, so no single sign is trusted: first the status where it means
// "later" (5xx, 429), then an "error" member whatever the status (GitHub says no with 200), then
// "ok": false, then the status. Only an error that says so in words kills a grant: a proxy's page
// or a bad moment never does.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "base/json.h"
#include "base/result.h"
#include "oauth/http.h"

namespace reeve {

struct TokenProblem {
  enum class Kind {
    invalid_grant,   // the code or refresh token is dead
    invalid_client,  // our credentials or our registration: the operator's business
    invalid_scope,
    invalid_target,  // the resource (RFC 8707)
    transient,       // try again later; the refresh token is kept
    malformed,       // an answer that cannot be used
    other,
  };
  Kind kind = Kind::other;
  std::string error;  // the server's code if it looks like one, or ours: "http_503", "network"
  std::string description;             // for people: printable, cut, long words masked (text.h)
  std::optional<int64_t> retry_after;  // seconds, at most an hour
  Fate fate = Fate::answered;          // of a held exchange; others than `answered` are transient
  bool silent = false;                 // the server said nothing for as long as it was given
};

// The exchange itself failed.
TokenProblem network_problem(const Error& error, Fate fate = Fate::answered);
// Whether the server says that what it refused was used before.
bool says_reuse(const TokenProblem& problem);
TokenProblem malformed_answer(std::string_view what);

// The members of an answer that may be JSON or, from older servers, form-encoded; nullopt where it
// is neither, has a member twice, or holds no object.
std::optional<Json> read_members(const HttpResponse& response);

// The members of a good answer (2xx, an object, no error in it), or what it says is wrong.
std::variant<Json, TokenProblem> judge_answer(const HttpResponse& response);

}  // namespace reeve
