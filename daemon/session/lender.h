// Lender: which access token a session may have now, and what must happen where there is none.
//
// The cached token is the hot path and never waits. Else one refresh per grant, however many
// callers wait for it; ahead of expiry it runs in the background while the old token still serves.
// Without a usable grant the answer is a consent to show to the user. A token is lent only if what
// it carries lies within what the policy allows.
#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "audit/audit.h"
#include "oauth/engine.h"
#include "session/announcer.h"
#include "session/consents.h"
#include "session/grants.h"
#include "session/sessions.h"
#include "session/setup.h"

namespace reeve {

struct LendAsk {
  SessionRef session;
  std::string provider;
  std::optional<std::vector<std::string>> scopes;
  std::optional<std::string> resource;
  std::string account;    // empty: whichever
  int64_t min_valid = 0;  // seconds
  bool fresh = false;     // ask the user again
  std::string return_url, return_state;
  // What the API demanded (RFC 9470 section 3): how the user must have signed in at the provider,
  // and how many seconds ago at most.
  std::vector<std::string> acr_values;
  std::optional<int64_t> max_age;
  std::string_view actor;  // rendered for the audit; outlives the task
};

struct Lent {
  GrantRef grant;
  AccessToken token;  // still sealed
  std::string rule;
};

struct ConsentNeeded {
  std::string reason;
  std::string url;  // empty: no binder is configured
  std::string phrase;
  Secret request;
  int64_t expires_at = 0;
};

struct LendFailure {
  enum class Kind { denied, session, unknown_provider, provider, unavailable, limit };
  Kind kind = Kind::denied;
  std::string
      word;  // a stable word: the policy's reason, the provider's error code, the limit's name
  std::string text;  // for people
  std::optional<int64_t> retry_after;
};

using LendOutcome = std::variant<Lent, ConsentNeeded, LendFailure>;

class Lender final {
 public:
  struct Parts {
    Loop& loop;
    const Clock& clock;
    CurrentSetup& setup;
    Engine& engine;
    Sessions& sessions;
    Grants& grants;
    Consents& consents;
    Announcer& announcer;
    Audit& audit;
  };
  explicit Lender(Parts parts);
  ~Lender();

  // A token that can be lent at once. Null: lend() must be asked.
  std::shared_ptr<const Lent> lend_cached(const LendAsk& ask);
  Task<LendOutcome> lend(LendAsk ask);
  // The API refused this token.
  Task<Result<void>> report_invalid(SessionRef session, std::string token_id);

 private:
  struct Choice;
  struct Refresh;
  struct Pause;
  using RefreshRef = std::shared_ptr<Refresh>;

  Choice choose(const Setup& setup, const LendAsk& ask, const Verdict& verdict) const;
  std::shared_ptr<const Lent> remembered(const LendAsk& ask) const;
  Verdict decide(const Setup& setup, const LendAsk& ask) const;
  const AccessToken* usable_token(const Setup& setup, const LendAsk& ask, const Verdict& verdict,
                                  const Grant& grant, bool refreshed) const;
  static std::vector<std::string> agents_own(const Preset& preset,
                                             const std::vector<std::string>& scopes);
  bool carries_only_allowed(const Setup& setup, const LendAsk& ask, const AccessToken& token) const;
  std::vector<std::string> refresh_scopes(const Setup& setup, const LendAsk& ask,
                                          const Verdict& verdict, const Grant& grant) const;
  RefreshRef start_refresh(const Setup& setup, const LendAsk& ask, const Verdict& verdict,
                           const GrantRef& grant);
  Task<void> run_refresh(GrantRef grant, ServerRef server, RefreshRef refresh);
  Task<void> keep_refreshed(GrantRef grant, TokenAnswer answer, RefreshRef refresh);
  Task<void> refresh_failed(GrantRef grant, TokenProblem problem, RefreshRef refresh);
  void pause(const Grant& grant, const LendFailure& failure);
  bool paused(const Grant& grant) const;
  std::optional<LendFailure> told_to_wait(const Grant& grant) const;
  Task<LendOutcome> ask_user(SetupRef setup, LendAsk ask, Verdict verdict, std::string reason);
  Event event_of(const LendAsk& ask, std::string_view name, std::string_view outcome) const;
  LendOutcome refuse(const LendAsk& ask, LendFailure failure);

  Parts parts_;
  std::unordered_map<std::string, RefreshRef> refreshes_;  // by the grant's id
  std::unordered_map<std::string, Pause> pauses_;          // the same
  TaskSet tasks_;
};

// Both sorted.
bool within(const std::vector<std::string>& part, const std::vector<std::string>& whole);
std::vector<std::string> sorted(std::vector<std::string> list);

}  // namespace reeve
