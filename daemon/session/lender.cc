#include "session/lender.h"

#include <algorithm>

#include "async/timer.h"
#include "base/check.h"
#include "oauth/lifetime.h"
#include "session/lender_refresh.h"

namespace reeve {
namespace {

constexpr int kRounds = 4;  // of waiting for refreshes that others began

// Only an ID token says how and when the user signed in (OpenID Connect Core section 2).
bool tells_of_sign_in(const Preset& preset) {
  const auto& scopes = preset.account.scopes;
  return !preset.issuer.empty() &&
         std::find(scopes.begin(), scopes.end(), "openid") != scopes.end();
}

bool steps_up(const LendAsk& ask) { return !ask.acr_values.empty() || ask.max_age; }

bool signed_in_as_asked(const Grant& grant, const LendAsk& ask, int64_t now) {
  const bool by = ask.acr_values.empty() || std::find(ask.acr_values.begin(), ask.acr_values.end(),
                                                      grant.acr) != ask.acr_values.end();
  // The skew is that of the ID token's own check.
  return by && (!ask.max_age ||
                (grant.auth_time && now - *grant.auth_time <= *ask.max_age + kJwtSkewSeconds));
}

}  // namespace

std::vector<std::string> sorted(std::vector<std::string> list) {
  std::sort(list.begin(), list.end());
  return list;
}

bool within(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

// The grant to use; or why there is none.
struct Lender::Choice {
  GrantRef grant;
  std::string reason;                 // "new", "scopes", "resource", or why the grant died
  std::vector<std::string> declined;  // what the user said no to, of what is asked
};

// What is asked for besides, to know the account and to get a refresh token, is not the agent's and
// not policy's.
std::vector<std::string> Lender::agents_own(const Preset& preset,
                                            const std::vector<std::string>& scopes) {
  std::vector<std::string> list;
  const auto& ours = preset.account.scopes;
  for (const std::string& scope : scopes) {
    if (scope != preset.offline_scope && std::find(ours.begin(), ours.end(), scope) == ours.end())
      list.push_back(scope);
  }
  return list;
}

Lender::Lender(Parts parts) : parts_(parts), tasks_(parts.loop) {}
Lender::~Lender() = default;

Event Lender::event_of(const LendAsk& ask, std::string_view name, std::string_view outcome) const {
  Event event;
  event.name = name;
  event.actor = ask.actor;
  if (ask.session->user) {
    event.issuer = ask.session->user->issuer;
    event.subject = ask.session->user->subject;
  }
  event.session = ask.session->id;
  event.provider = ask.provider;
  event.outcome = outcome;
  return event;
}

LendOutcome Lender::refuse(const LendAsk& ask, LendFailure failure) {
  Event event = event_of(ask, "token.refused", "denied");
  event.reason = failure.word;
  if (const auto recorded = parts_.audit.record(event); !recorded) {
    return LendFailure{LendFailure::Kind::unavailable, "audit", recorded.error().text,
                       std::nullopt};
  }
  return failure;
}

Verdict Lender::decide(const Setup& setup, const LendAsk& ask) const {
  return setup.policy.decide(policy_ask(ask, ask.scopes));
}

bool Lender::all_here(const Setup& setup, const LendAsk& ask) const {
  return parts_.grants.here(*ask.session->user, setup.providers.at(ask.provider)->context,
                            Setup::holder_of(*setup.policy.find(ask.session->workload)));
}

Lender::Choice Lender::choose(const Setup& setup, const LendAsk& ask,
                              const Verdict& verdict) const {
  Choice choice;
  choice.reason = "new";
  const Server& server = *setup.providers.at(ask.provider);
  const auto wanted = sorted(verdict.scopes);
  const std::string resource = verdict.resource.value_or("");
  const std::string holder = Setup::holder_of(*setup.policy.find(ask.session->workload));
  auto grants = parts_.grants.find(*ask.session->user, server.context, holder);
  // The oldest first: a second account never takes the first one's place by itself.
  std::reverse(grants.begin(), grants.end());
  for (const GrantRef& grant : grants) {
    if (!ask.account.empty() && grant->account_id != ask.account &&
        grant->account_label != ask.account)
      continue;
    if (grant->client_id != server.client.client_id || grant->issuer != server.grant_issuer())
      continue;
    if (grant->dead) {
      choice.reason = grant->dead_reason;
      continue;
    }
    if (!within(wanted, grant->requested)) {
      choice.reason = "scopes";
      continue;
    }
    std::set_intersection(wanted.begin(), wanted.end(), grant->declined.begin(),
                          grant->declined.end(), std::back_inserter(choice.declined));
    if (!choice.declined.empty()) continue;
    if (!resource.empty() && std::find(grant->resources.begin(), grant->resources.end(),
                                       resource) == grant->resources.end()) {
      choice.reason = "resource";
      continue;
    }
    if (!signed_in_as_asked(*grant, ask, parts_.clock.unix_seconds())) {
      choice.reason = "step_up";
      continue;
    }
    choice.grant = grant;
    choice.declined.clear();
    return choice;
  }
  return choice;
}

bool Lender::carries_only_allowed(const Setup& setup, const LendAsk& ask,
                                  const AccessToken& token) const {
  const Preset& preset = setup.providers.at(ask.provider)->preset;
  const Ask carried = policy_ask(ask, agents_own(preset, token.carried));
  return setup.policy.decide(carried).allowed;
}

const AccessToken* Lender::usable_token(const Setup& setup, const LendAsk& ask,
                                        const Verdict& verdict, const Grant& grant,
                                        bool refreshed) const {
  const auto wanted = sorted(verdict.scopes);
  const int64_t now = parts_.clock.steady_seconds();
  for (const AccessToken& token : grant.tokens) {
    if (token.resource != verdict.resource.value_or("") || !within(wanted, token.scopes)) continue;
    if (token.expires_at) {
      // Nobody knows how old it is: it was issued under a clock that was set back since.
      if (token.issued_at > now + kClockSlack) continue;
      const int64_t left = *token.expires_at - now;
      // After one refresh the provider's own lifetime is what there is.
      if (left <= 0 || (!refreshed && left < ask.min_valid)) continue;
    }
    if (!within(token.carried, wanted) && !carries_only_allowed(setup, ask, token)) continue;
    return &token;
  }
  return nullptr;
}

// What the last ask of a session at a provider came to; good while nothing it rests on has changed.
struct LendMemo {
  SetupRef setup;
  uint64_t grants = 0;  // Grants::version()
  std::optional<std::vector<std::string>> scopes;
  std::optional<std::string> resource;
  std::string account;
  std::shared_ptr<const Lent> lent;
  int64_t refresh_at = INT64_MAX;  // from then on it is to be looked at again
};

std::shared_ptr<const Lent> Lender::remembered(const LendAsk& ask) const {
  const auto found = ask.session->memos.find(ask.provider);
  if (found == ask.session->memos.end()) return nullptr;
  const LendMemo& memo = *found->second;
  const int64_t now = parts_.clock.steady_seconds();
  const bool holds = memo.setup == parts_.setup.get() && memo.grants == parts_.grants.version() &&
                     memo.scopes == ask.scopes && memo.resource == ask.resource &&
                     memo.account == ask.account && now < memo.refresh_at &&
                     now >= memo.lent->token.issued_at;
  if (!holds) return nullptr;
  const auto& expires_at = memo.lent->token.expires_at;
  return !expires_at || *expires_at - now >= ask.min_valid ? memo.lent : nullptr;
}

std::shared_ptr<const Lent> Lender::lend_cached(const LendAsk& ask) {
  if (ask.fresh || !ask.session->user) return nullptr;
  if (!steps_up(ask)) {
    if (auto lent = remembered(ask)) return lent;
  }
  const SetupRef& setup = parts_.setup.get();
  const Verdict verdict = decide(*setup, ask);
  if (!verdict.allowed || !all_here(*setup, ask)) return nullptr;
  const Choice choice = choose(*setup, ask, verdict);
  if (choice.grant == nullptr) return nullptr;
  const AccessToken* token = usable_token(*setup, ask, verdict, *choice.grant, false);
  if (token == nullptr) return nullptr;
  auto memo = std::make_shared<LendMemo>();
  *memo = {setup,       parts_.grants.version(),
           ask.scopes,  ask.resource,
           ask.account, std::make_shared<const Lent>(Lent{choice.grant, *token, verdict.rule})};
  const int64_t now = parts_.clock.steady_seconds();
  if (token->expires_at) {
    memo->refresh_at = refresh_time(token->issued_at, *token->expires_at, now);
    if (now >= memo->refresh_at && !choice.grant->refresh_token.empty() && !paused(*choice.grant)) {
      start_refresh(*setup, ask, verdict, choice.grant);
    }
  }
  if (!steps_up(ask)) ask.session->memos[ask.provider] = memo;
  return memo->lent;
}

Task<LendOutcome> Lender::lend(LendAsk ask) {
  const SetupRef setup = parts_.setup.get();
  if (!setup->providers.contains(ask.provider)) {
    co_return refuse(ask, {LendFailure::Kind::unknown_provider, ask.provider, "", std::nullopt});
  }
  const Verdict verdict = decide(*setup, ask);
  if (!verdict.allowed) {
    co_return refuse(ask, {LendFailure::Kind::denied, std::string(word(verdict.reason)),
                           verdict.text, std::nullopt});
  }
  if (!ask.session->user) {
    co_return refuse(ask,
                     {LendFailure::Kind::denied, "no_user",
                      "this session acts for no user, whose token could be lent", std::nullopt});
  }
  if (steps_up(ask) && !tells_of_sign_in(setup->providers.at(ask.provider)->preset)) {
    co_return refuse(ask, {LendFailure::Kind::denied, "step_up",
                           "this provider does not say how its users signed in", std::nullopt});
  }
  const WorkloadConfig& workload = *setup->policy.find(ask.session->workload);
  if (!ask.return_url.empty() && check_on(Check::return_url) &&
      std::find(workload.return_urls.begin(), workload.return_urls.end(), ask.return_url) ==
          workload.return_urls.end()) {
    co_return refuse(ask,
                     {LendFailure::Kind::denied, "return_url",
                      "the return URL is none of this workload's registered ones", std::nullopt});
  }
  const ServerRef server = setup->providers.at(ask.provider);
  const auto brought = co_await parts_.grants.bring_owner(*ask.session->user, server->context,
                                                          Setup::holder_of(workload));
  if (!brought) {
    co_return refuse(ask,
                     {LendFailure::Kind::unavailable, "vault", brought.error().text, std::nullopt});
  }
  if (!parts_.sessions.live(*ask.session))
    co_return refuse(ask, {LendFailure::Kind::session, "session", "", std::nullopt});
  std::string reason = "fresh";
  GrantRef refreshed;
  int round = 0;
  for (; round < kRounds && !ask.fresh; ++round) {
    const Choice choice = choose(*setup, ask, verdict);
    reason = choice.reason;
    if (choice.grant == nullptr) {
      if (!choice.declined.empty()) {
        co_return refuse(ask, {LendFailure::Kind::denied, "scope_declined",
                               "the user or the provider did not grant " + choice.declined.front() +
                                   "; ask with fresh to ask the user again",
                               std::nullopt});
      }
      break;
    }
    const bool ours = refreshed == choice.grant;
    if (const AccessToken* token = usable_token(*setup, ask, verdict, *choice.grant, ours)) {
      co_return Lent{choice.grant, *token, verdict.rule};
    }
    if (ours) {
      co_return refuse(ask, {LendFailure::Kind::denied, "token_scopes",
                             "the provider's token carries scopes that the policy does not allow",
                             std::nullopt});
    }
    if (choice.grant->refresh_token.empty()) {
      reason = "expired";
      break;
    }
    if (auto wait = told_to_wait(*choice.grant)) co_return refuse(ask, std::move(*wait));
    const auto scopes = refresh_scopes(*setup, ask, verdict, *choice.grant);
    const RefreshRef refresh = start_refresh(*setup, ask, verdict, choice.grant);
    Waiter<> waiter(parts_.loop);
    refresh->waiting.push_back(waiter.resolver());
    co_await waiter;
    if (!parts_.sessions.live(*ask.session)) {
      co_return refuse(ask, {LendFailure::Kind::session, "session", "", std::nullopt});
    }
    // What others asked for is neither our token nor our failure.
    if (refresh->scopes != scopes || refresh->resource != verdict.resource.value_or("")) continue;
    if (refresh->failure) co_return refuse(ask, *refresh->failure);
    // What was begun before a restart may have come too late, or for others.
    refreshed = refresh->recalls ? nullptr : choice.grant;
  }
  if (round == kRounds) {
    co_return refuse(ask, {LendFailure::Kind::unavailable, "busy",
                           "others refresh this grant all the time", std::nullopt});
  }
  co_return co_await ask_user(setup, ask, verdict, reason);
}

Task<LendOutcome> Lender::ask_user(SetupRef setup, LendAsk ask, Verdict verdict,
                                   std::string reason) {
  const WorkloadConfig& workload = *setup->policy.find(ask.session->workload);
  const Server& server = *setup->providers.at(ask.provider);
  Consent wanted;
  wanted.user = *ask.session->user;
  wanted.issuer = ask.session->issuer;
  wanted.binding = workload.binding;
  wanted.workload = workload.name;
  wanted.holder = Setup::holder_of(workload);
  wanted.provider = ask.provider;
  wanted.context = server.context;
  wanted.resource = verdict.resource.value_or("");
  wanted.acr_values = ask.acr_values;
  wanted.max_age = ask.max_age;
  wanted.asked_by = ask.actor;
  wanted.reason = reason;
  // With what was granted before, so that a wider grant does not take the place of an other one.
  wanted.scopes = sorted(verdict.scopes);
  for (const GrantRef& grant : parts_.grants.find(wanted.user, wanted.context, wanted.holder)) {
    std::vector<std::string> all;
    std::set_union(wanted.scopes.begin(), wanted.scopes.end(), grant->requested.begin(),
                   grant->requested.end(), std::back_inserter(all));
    const Ask whole = policy_ask(ask, all);
    if (!grant->dead && setup->policy.decide(whole).allowed) wanted.scopes = all;
  }
  const auto most = static_cast<size_t>(workload.consents.value_or(INT64_MAX));
  auto consent = parts_.consents.find_or_make(std::move(wanted), most);
  if (!consent) {
    co_return LendFailure{LendFailure::Kind::limit, consent.error().text, "", 60};
  }
  Ticket ticket;
  ticket.session = ask.session->handle_hash;
  ticket.return_url = ask.return_url;
  ticket.return_state = ask.return_state;
  const ConsentRef asked = *consent;
  auto pointers = co_await parts_.consents.point(asked, std::move(ticket), ask.session->scope);
  if (!pointers) {
    co_return LendFailure{LendFailure::Kind::unavailable, "vault", pointers.error().text,
                          std::nullopt};
  }
  Event event = event_of(ask, "consent.asked", "ok");
  event.scopes = &asked->scopes;
  event.consent = asked->id;
  event.reason = reason;
  if (const auto recorded = parts_.audit.record(event); !recorded) {
    co_return LendFailure{LendFailure::Kind::unavailable, "audit", recorded.error().text,
                          std::nullopt};
  }
  ConsentNeeded needed;
  needed.reason = reason;
  needed.phrase = asked->phrase;
  needed.expires_at = asked->expires_at;
  if (const BindingConfig* binding = setup->binding(asked->binding)) {
    needed.url = binding->url + "/connect/" + std::string(pointers->ticket.reveal());
  }
  needed.request = std::move(pointers->request);
  co_return needed;
}

Task<Result<void>> Lender::report_invalid(SessionRef session, std::string token_id) {
  if (!session->user) co_return Error{Code::not_found, "token"};
  // A token that was lent since the start is of a grant in memory; others may be.
  const auto brought = co_await parts_.grants.bring_user(*session->user);
  if (!session->user) co_return Error{Code::not_found, "token"};
  for (const GrantRef& grant : parts_.grants.of_user(*session->user)) {
    const WorkloadConfig* workload = parts_.setup.get()->policy.find(session->workload);
    if (workload == nullptr || grant->holder != Setup::holder_of(*workload)) continue;
    for (const AccessToken& token : grant->tokens) {
      if (token.id != token_id) continue;
      // What was spared for it need not be any more.
      if (parts_.intents.of(grant->id) != nullptr) pauses_.erase(grant->id);
      co_return co_await parts_.grants.drop_token(grant, token_id);
    }
  }
  CO_CHECK(brought);
  co_return Error{Code::not_found, "token"};
}

}  // namespace reeve
