#include "session/lender.h"

#include <algorithm>

#include "async/timer.h"
#include "oauth/lifetime.h"

namespace reeve {
namespace {

constexpr int kRounds = 4;  // of waiting for refreshes that others began

// What the policy calls the user of a session.
std::optional<std::string> user_kind(const Session& session) {
  return session.user ? std::optional(session.issuer) : std::nullopt;
}

}  // namespace

std::vector<std::string> sorted(std::vector<std::string> list) {
  std::sort(list.begin(), list.end());
  return list;
}

bool within(const std::vector<std::string>& part, const std::vector<std::string>& whole) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

// A refresh under way; who waits for it, and how it failed.
struct Lender::Refresh {
  std::vector<Resolver<>> waiting;
  std::optional<LendFailure> failure;
};

// The grant to use; or why there is none.
struct Lender::Choice {
  GrantRef grant;
  std::string reason;                 // "new", "scopes", "resource", or why the grant died
  std::vector<std::string> declined;  // what the user said no to, of what is asked
};

Lender::Lender(Parts parts) : parts_(parts), tasks_(parts.loop) {}

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
  return setup.policy.decide(
      Ask{ask.session->workload, user_kind(*ask.session), ask.provider, ask.scopes, ask.resource});
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
    choice.grant = grant;
    choice.declined.clear();
    return choice;
  }
  return choice;
}

bool Lender::carries_only_allowed(const Setup& setup, const LendAsk& ask,
                                  const AccessToken& token) const {
  // What is asked for besides, to know the account and to get a refresh token, is not the agent's
  // and not policy's.
  const Preset& preset = setup.providers.at(ask.provider)->preset;
  std::vector<std::string> scopes;
  for (const std::string& scope : token.carried) {
    const auto& own = preset.account.scopes;
    if (scope != preset.offline_scope && std::find(own.begin(), own.end(), scope) == own.end())
      scopes.push_back(scope);
  }
  Ask carried{ask.session->workload, user_kind(*ask.session), ask.provider, std::move(scopes),
              ask.resource};
  return setup.policy.decide(carried).allowed;
}

const AccessToken* Lender::usable_token(const Setup& setup, const LendAsk& ask,
                                        const Verdict& verdict, const Grant& grant,
                                        bool refreshed) const {
  const auto wanted = sorted(verdict.scopes);
  const int64_t now = parts_.clock.unix_seconds();
  for (const AccessToken& token : grant.tokens) {
    if (token.resource != verdict.resource.value_or("") || !within(wanted, token.scopes)) continue;
    if (token.expires_at) {
      const int64_t left = *token.expires_at - now;
      // After one refresh the provider's own lifetime is what there is.
      if (left <= 0 || (!refreshed && left < ask.min_valid)) continue;
    }
    if (!within(token.carried, wanted) && !carries_only_allowed(setup, ask, token)) continue;
    return &token;
  }
  return nullptr;
}

std::optional<Lent> Lender::lend_cached(const LendAsk& ask) {
  if (ask.fresh || !ask.session->user) return std::nullopt;
  const Setup& setup = *parts_.setup.get();
  const Verdict verdict = decide(setup, ask);
  if (!verdict.allowed) return std::nullopt;
  const Choice choice = choose(setup, ask, verdict);
  if (choice.grant == nullptr) return std::nullopt;
  const AccessToken* token = usable_token(setup, ask, verdict, *choice.grant, false);
  if (token == nullptr) return std::nullopt;
  const int64_t now = parts_.clock.unix_seconds();
  if (token->expires_at && now >= refresh_time(token->issued_at, *token->expires_at, now) &&
      !choice.grant->refresh_token.empty()) {
    start_refresh(setup, ask, verdict, choice.grant);
  }
  return Lent{choice.grant, *token, verdict.rule};
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
  const WorkloadConfig& workload = *setup->policy.find(ask.session->workload);
  if (!ask.return_url.empty() && std::find(workload.return_urls.begin(), workload.return_urls.end(),
                                           ask.return_url) == workload.return_urls.end()) {
    co_return refuse(ask,
                     {LendFailure::Kind::denied, "return_url",
                      "the return URL is none of this workload's registered ones", std::nullopt});
  }
  std::string reason = "fresh";
  bool refreshed = false;
  for (int round = 0; round < kRounds && !ask.fresh; ++round) {
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
    if (const AccessToken* token = usable_token(*setup, ask, verdict, *choice.grant, refreshed)) {
      co_return Lent{choice.grant, *token, verdict.rule};
    }
    if (refreshed) {
      co_return refuse(ask, {LendFailure::Kind::denied, "token_scopes",
                             "the provider's token carries scopes that the policy does not allow",
                             std::nullopt});
    }
    if (choice.grant->refresh_token.empty()) {
      reason = "expired";
      break;
    }
    const RefreshRef refresh = start_refresh(*setup, ask, verdict, choice.grant);
    Waiter<> waiter(parts_.loop);
    refresh->waiting.push_back(waiter.resolver());
    co_await waiter;
    if (refresh->failure) co_return refuse(ask, *refresh->failure);
    if (!parts_.sessions.live(*ask.session)) {
      co_return refuse(ask, {LendFailure::Kind::session, "session", "", std::nullopt});
    }
    refreshed = !choice.grant->dead;
  }
  co_return co_await ask_user(setup, ask, verdict, reason);
}

Lender::RefreshRef Lender::start_refresh(const Setup& setup, const LendAsk& ask,
                                         const Verdict& verdict, const GrantRef& grant) {
  if (const auto found = refreshes_.find(grant->id); found != refreshes_.end())
    return found->second;
  auto refresh = std::make_shared<Refresh>();
  refreshes_[grant->id] = refresh;
  // All of the grant's scopes where the policy allows them, so that one token serves; else just
  // what is asked.
  std::vector<std::string> scopes = grant->requested;
  Ask whole{ask.session->workload, user_kind(*ask.session), ask.provider, scopes, ask.resource};
  if (!setup.policy.decide(whole).allowed) scopes = sorted(verdict.scopes);
  tasks_.spawn(run_refresh(grant, setup.providers.at(ask.provider), std::move(scopes),
                           verdict.resource.value_or(""), refresh));
  return refresh;
}

Task<void> Lender::run_refresh(GrantRef grant, ServerRef server, std::vector<std::string> scopes,
                               std::string resource, RefreshRef refresh) {
  const uint64_t generation = grant->generation;
  RefreshAsk ask;
  ask.refresh_token = parts_.grants.reveal(grant->refresh_token);
  // Left out where it is all that was granted: RFC 6749 section 6.
  if (scopes != grant->requested) ask.scopes = scopes;
  ask.resource = resource;
  TokenOutcome outcome = co_await parts_.engine.refresh(server, std::move(ask));
  if (auto* answer = std::get_if<TokenAnswer>(&outcome)) {
    co_await keep_refreshed(grant, generation, std::move(*answer), scopes, resource, refresh);
  } else if (grant->generation == generation) {
    co_await refresh_failed(grant, std::get<TokenProblem>(outcome), refresh);
  }
  refreshes_.erase(grant->id);
  for (Resolver<>& waiting : refresh->waiting) waiting.resolve({});
}

Task<void> Lender::keep_refreshed(GrantRef grant, uint64_t generation, TokenAnswer answer,
                                  std::vector<std::string> scopes, std::string resource,
                                  RefreshRef refresh) {
  NewToken token;
  token.resource = resource;
  token.scopes = scopes;
  token.carried = answer.scopes ? sorted(*answer.scopes) : scopes;
  token.token_type = answer.token_type;
  token.issued_at = parts_.clock.unix_seconds();
  if (answer.expires_in) token.expires_at = token.issued_at + *answer.expires_in;
  token.value = std::move(answer.access_token);
  auto kept = co_await parts_.grants.refreshed(grant, generation, std::move(token),
                                               std::move(answer.refresh_token));
  if (!kept) {
    if (kept.error().code != Code::conflict) {
      refresh->failure = {LendFailure::Kind::unavailable, "vault", kept.error().text, std::nullopt};
    }
    co_return;
  }
  Event event;
  event.name = "token.refreshed";
  event.issuer = grant->user.issuer;
  event.subject = grant->user.subject;
  event.provider = grant->provider;
  event.grant = grant->id;
  event.outcome = "ok";
  if (const auto recorded = parts_.audit.record(event); !recorded) {
    refresh->failure = {LendFailure::Kind::unavailable, "audit", recorded.error().text,
                        std::nullopt};
  }
  parts_.announcer.to_owner(owner_key(grant->user.issuer, grant->user.subject, grant->holder),
                            {"token_refreshed", grant->provider, grant->id});
}

Task<void> Lender::refresh_failed(GrantRef grant, TokenProblem problem, RefreshRef refresh) {
  Event event;
  event.name = "token.refresh_failed";
  event.issuer = grant->user.issuer;
  event.subject = grant->user.subject;
  event.provider = grant->provider;
  event.grant = grant->id;
  event.outcome = "failed";
  event.reason = problem.error;
  const auto recorded = parts_.audit.record(event);
  if (problem.kind == TokenProblem::Kind::invalid_grant) {
    const auto killed = co_await parts_.grants.kill(grant, "revoked");
    parts_.announcer.to_owner(owner_key(grant->user.issuer, grant->user.subject, grant->holder),
                              {"grant_revoked", grant->provider, grant->id});
    if (!killed)
      refresh->failure = {LendFailure::Kind::unavailable, "vault", killed.error().text,
                          std::nullopt};
    co_return;
  }
  refresh->failure = {LendFailure::Kind::provider, problem.error, problem.description,
                      problem.retry_after};
  if (!recorded)
    refresh->failure = {LendFailure::Kind::unavailable, "audit", recorded.error().text,
                        std::nullopt};
}

Task<LendOutcome> Lender::ask_user(SetupRef setup, LendAsk ask, Verdict verdict,
                                   std::string reason) {
  const WorkloadConfig& workload = *setup->policy.find(ask.session->workload);
  const Server& server = *setup->providers.at(ask.provider);
  Consent wanted;
  wanted.user = *ask.session->user;
  wanted.issuer = ask.session->issuer;
  wanted.workload = workload.name;
  wanted.holder = Setup::holder_of(workload);
  wanted.provider = ask.provider;
  wanted.context = server.context;
  wanted.resource = verdict.resource.value_or("");
  wanted.reason = reason;
  // With what was granted before, so that a wider grant does not take the place of an other one.
  wanted.scopes = sorted(verdict.scopes);
  for (const GrantRef& grant : parts_.grants.find(wanted.user, wanted.context, wanted.holder)) {
    std::vector<std::string> all;
    std::set_union(wanted.scopes.begin(), wanted.scopes.end(), grant->requested.begin(),
                   grant->requested.end(), std::back_inserter(all));
    Ask whole{workload.name, user_kind(*ask.session), ask.provider, all, ask.resource};
    if (!grant->dead && setup->policy.decide(whole).allowed) wanted.scopes = all;
  }
  auto consent = parts_.consents.find_or_make(std::move(wanted));
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
  event.reason = reason;
  if (const auto recorded = parts_.audit.record(event); !recorded) {
    co_return LendFailure{LendFailure::Kind::unavailable, "audit", recorded.error().text,
                          std::nullopt};
  }
  ConsentNeeded needed;
  needed.reason = reason;
  needed.phrase = asked->phrase;
  needed.expires_at = asked->expires_at;
  if (const BindingConfig* binding = setup->binding()) {
    needed.url = binding->url + "/connect/" + std::string(pointers->ticket.reveal());
  }
  needed.request = std::move(pointers->request);
  co_return needed;
}

Task<Result<void>> Lender::report_invalid(SessionRef session, std::string token_id) {
  if (!session->user) co_return Error{Code::not_found, "token"};
  for (const GrantRef& grant : parts_.grants.all()) {
    if (!grant->user.is(*session->user)) continue;
    const WorkloadConfig* workload = parts_.setup.get()->policy.find(session->workload);
    if (workload == nullptr || grant->holder != Setup::holder_of(*workload)) continue;
    for (const AccessToken& token : grant->tokens) {
      if (token.id == token_id) co_return co_await parts_.grants.drop_token(grant, token_id);
    }
  }
  co_return Error{Code::not_found, "token"};
}

}  // namespace reeve
