// Ask and Verdict: a question to the policy and its answer.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve {

// What a workload wants. Its name came from Policy::match, never from the caller.
struct Ask {
  std::string workload;
  // For whom: the table name of the user's issuer, "unix" for this host's users, nullopt: itself.
  std::optional<std::string> user;
  std::string provider;
  std::optional<std::vector<std::string>> scopes;  // nullopt: the default ones
  std::optional<std::string> resource;             // RFC 8707
  std::optional<std::string> subject;              // of the user; a uid, as text, for "unix"
};

// How a session's user becomes known (OpenSession's `as`).
enum class SessionKind { token, asserted, unix_user, workload };

enum class Reason {
  allowed,
  no_workload,           // no rule matches the caller
  ambiguous,             // two rules match it equally closely
  unknown_provider,      // no such table
  provider_not_allowed,  // not in the workload's allow list
  user_not_allowed,      // the workload may not act for this user, or for such ones
  scope_not_allowed,
  resource_not_allowed,
  scope_unavailable,  // session_scope names what the caller does not have
  resource_required,  // the rule lists several resources: one must be named
};

// The stable word, as above.
std::string_view word(Reason reason);

struct Verdict {
  bool allowed = false;
  std::string rule;  // the workload's name; with `ambiguous` the names, "a, b"; else ""
  Reason reason = Reason::no_workload;
  std::string text;  // a sentence for the operator
  // What may be asked of the provider, where allowed.
  std::vector<std::string> scopes;
  std::optional<std::string> resource;
};

}  // namespace reeve
