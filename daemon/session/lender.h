// Lender: which access token a session may have now, and what must happen where there is none.
//
// The cached token is the hot path and never waits. Else one refresh per grant, however many
// callers wait for it; ahead of expiry it runs in the background while the old token still serves.
// Without a usable grant the answer is a consent to show to the user. A token is lent only if what
// it carries lies within what the policy allows.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "audit/audit.h"
#include "oauth/engine.h"
#include "session/announcer.h"
#include "session/consents.h"
#include "session/grants.h"
#include "session/intents.h"
#include "session/revocations.h"
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
    Intents& intents;
    Revocations& revocations;
  };
  explicit Lender(Parts parts);
  ~Lender();

  // A token that can be lent at once. Null: lend() must be asked.
  std::shared_ptr<const Lent> lend_cached(const LendAsk& ask);
  Task<LendOutcome> lend(LendAsk ask);
  // The API refused this token.
  Task<Result<void>> report_invalid(SessionRef session, std::string token_id);

  // Settles the refreshes that a restart, or a grant's end, left open; to be called at start, and
  // from time to time.
  void settle_open();
  // Lets reeve-fetch forget what it holds and nothing of ours asks for; once, at start.
  Task<void> forget_strangers();

 private:
  struct Choice;
  struct Refresh;
  struct Pause;
  using RefreshRef = std::shared_ptr<Refresh>;

  bool all_here(const Setup& setup, const LendAsk& ask) const;
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
  // The coroutines of one refresh; those that answer a bool say whether to try once more.
  Task<void> run_refresh(GrantRef grant, ServerRef server, RefreshRef refresh);
  Task<bool> attempt(GrantRef grant, ServerRef server, RefreshRef refresh);
  Task<bool> begin_intent(GrantRef grant, ServerRef server, RefreshRef refresh);
  Task<TokenOutcome> exchange(GrantRef grant, ServerRef server, RefreshRef refresh);
  Task<void> keep_refreshed(GrantRef grant, ServerRef server, TokenAnswer answer,
                            RefreshRef refresh);
  Task<bool> refresh_failed(GrantRef grant, ServerRef server, TokenProblem problem,
                            RefreshRef refresh);
  Task<bool> lost(GrantRef grant, ServerRef server, TokenProblem problem, RefreshRef refresh);
  Task<bool> refused(GrantRef grant, ServerRef server, TokenProblem problem, RefreshRef refresh);
  void suspect_leak(const Grant& grant, const Server& server, const TokenProblem& problem);
  void settle(const IntentRef& intent, const ServerRef& server);
  Task<void> bring_and_settle(IntentRef intent, ServerRef server);
  Task<void> settle_stray(IntentRef intent, ServerRef server);
  Task<void> give_back(IntentRef intent, ServerRef server, Doomed doomed);
  std::set<std::string> wanted_ids() const;
  Task<void> done_with(ServerRef server, std::string id);
  Event refresh_event(const Grant& grant, std::string_view name, std::string_view outcome) const;
  std::optional<int64_t> spared_until(const Grant& grant, const Server& server) const;
  void pause(const Grant& grant, const LendFailure& failure);
  bool paused(const Grant& grant) const;
  std::optional<LendFailure> told_to_wait(const Grant& grant) const;
  Task<LendOutcome> ask_user(SetupRef setup, LendAsk ask, Verdict verdict, std::string reason);
  Event event_of(const LendAsk& ask, std::string_view name, std::string_view outcome) const;
  LendOutcome refuse(const LendAsk& ask, LendFailure failure);

  Parts parts_;
  std::unordered_map<std::string, RefreshRef> refreshes_;  // by the grant's id
  std::unordered_map<std::string, Pause> pauses_;          // the same
  std::set<std::string> strays_;    // intents without their grant that are being settled, by it
  std::set<std::string> bringing_;  // those whose grant is being brought, or cannot be
  TaskSet tasks_;
};

// Both sorted.
bool within(const std::vector<std::string>& part, const std::vector<std::string>& whole);
std::vector<std::string> sorted(std::vector<std::string> list);

}  // namespace reeve
