// The second half of Lender: refreshing a grant, once however many wait for it.
#include "session/lender_refresh.h"

namespace reeve {
namespace {

// After a refresh that failed while the old token still serves.
constexpr int64_t kPauseMilliseconds = 30'000;

}  // namespace

void Lender::pause(const Grant& grant, const LendFailure& failure) {
  const int64_t now = parts_.clock.boot_milliseconds();
  std::erase_if(pauses_, [now](const auto& entry) { return entry.second.until <= now; });
  const int64_t asked = failure.retry_after.value_or(0) * 1000;
  pauses_[grant.id] = {now, now + std::max(asked, kPauseMilliseconds), failure};
}

bool Lender::paused(const Grant& grant) const {
  const auto found = pauses_.find(grant.id);
  return found != pauses_.end() && parts_.clock.boot_milliseconds() < found->second.until;
}

std::optional<LendFailure> Lender::told_to_wait(const Grant& grant) const {
  const auto found = pauses_.find(grant.id);
  if (found == pauses_.end() || !found->second.failure.retry_after) return std::nullopt;
  const Pause& pause = found->second;
  const int64_t over = pause.begun + *pause.failure.retry_after * 1000;
  const int64_t left = over - parts_.clock.boot_milliseconds();
  if (left <= 0) return std::nullopt;
  LendFailure failure = pause.failure;
  failure.retry_after = (left + 999) / 1000;
  return failure;
}

// All of the grant's scopes where the policy allows them, so that one token serves; else just what
// is asked.
std::vector<std::string> Lender::refresh_scopes(const Setup& setup, const LendAsk& ask,
                                                const Verdict& verdict, const Grant& grant) const {
  Ask whole{ask.session->workload, user_kind(*ask.session), ask.provider, grant.requested,
            ask.resource};
  return setup.policy.decide(whole).allowed ? grant.requested : sorted(verdict.scopes);
}

Lender::RefreshRef Lender::start_refresh(const Setup& setup, const LendAsk& ask,
                                         const Verdict& verdict, const GrantRef& grant) {
  if (const auto found = refreshes_.find(grant->id); found != refreshes_.end())
    return found->second;
  auto refresh = std::make_shared<Refresh>();
  refreshes_[grant->id] = refresh;
  refresh->scopes = refresh_scopes(setup, ask, verdict, *grant);
  refresh->resource = verdict.resource.value_or("");
  refresh->generation = grant->generation;
  tasks_.spawn(run_refresh(grant, setup.providers.at(ask.provider), refresh));
  return refresh;
}

Task<void> Lender::run_refresh(GrantRef grant, ServerRef server, RefreshRef refresh) {
  RefreshAsk ask;
  // Left out where it is all that was granted: RFC 6749 section 6.
  const auto granted = agents_own(server->preset, grant->granted);
  if (refresh->scopes != grant->requested || !within(granted, grant->requested))
    ask.scopes = refresh->scopes;
  ask.resource = refresh->resource;
  if (grant->generation == refresh->generation) {
    ask.refresh_token = parts_.grants.reveal(grant->refresh_token);
    TokenOutcome outcome = co_await parts_.engine.refresh(server, std::move(ask));
    if (auto* answer = std::get_if<TokenAnswer>(&outcome)) {
      co_await keep_refreshed(grant, std::move(*answer), refresh);
    } else if (grant->generation == refresh->generation) {
      co_await refresh_failed(grant, std::get<TokenProblem>(outcome), refresh);
    }
  }
  refreshes_.erase(grant->id);
  for (Resolver<>& waiting : refresh->waiting) waiting.resolve({});
}

Task<void> Lender::keep_refreshed(GrantRef grant, TokenAnswer answer, RefreshRef refresh) {
  NewToken token;
  token.resource = refresh->resource;
  token.scopes = refresh->scopes;
  // Not said: what was asked for, and that was what was granted where nothing was (section 6).
  if (answer.scopes) token.carried = sorted(*answer.scopes);
  else token.carried = refresh->scopes == grant->requested ? grant->granted : refresh->scopes;
  token.token_type = answer.token_type;
  token.issued_at = parts_.clock.unix_seconds();
  if (answer.expires_in) token.expires_at = token.issued_at + *answer.expires_in;
  token.value = std::move(answer.access_token);
  auto kept = co_await parts_.grants.refreshed(grant, refresh->generation, std::move(token),
                                               std::move(answer.refresh_token));
  if (!kept) {
    if (kept.error().code != Code::conflict) {
      refresh->failure = {LendFailure::Kind::unavailable, "vault", kept.error().text, std::nullopt};
    }
    co_return;
  }
  pauses_.erase(grant->id);
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
  pause(*grant, *refresh->failure);
  if (!recorded)
    refresh->failure = {LendFailure::Kind::unavailable, "audit", recorded.error().text,
                        std::nullopt};
}

}  // namespace reeve
