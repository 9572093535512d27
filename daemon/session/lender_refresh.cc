// The second half of Lender: refreshing a grant, once however many wait for it. What came of it is
// in lender_settle.cc.
//
// intent durable -> request held under its id -> answer durable, with the intent's end ->
// reeve-fetch may forget it -> callers are answered (DESIGN section 3).
#include "session/lender_refresh.h"

#include <algorithm>

#include "base/kill_point.h"

namespace reeve {
namespace {

// After a refresh that failed while the old token still serves.
constexpr int64_t kPauseMilliseconds = 30'000;
// How long a token without an end is spared at a time.
constexpr int64_t kEndlessSeconds = 3'600;

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
  const Ask whole = policy_ask(ask, grant.requested);
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

// Until when a refresh must not be tried since its answer may be lost and the token that was used
// may kill the grant when it comes back: while an access token of the grant still lives (preset.h,
// Rotation). A token without an end lives until it is reported.
std::optional<int64_t> Lender::spared_until(const Grant& grant, const Server& server) const {
  const IntentRef intent = parts_.intents.of(grant.id);
  if (intent == nullptr || !intent->lost || server.preset.rotation != Rotation::strict)
    return std::nullopt;
  const int64_t now = parts_.clock.steady_seconds();
  std::optional<int64_t> until;
  for (const AccessToken& token : grant.tokens) {
    const int64_t end = token.expires_at.value_or(now + kEndlessSeconds);
    if (end > now) until = std::max(until.value_or(end), end);
  }
  return until;
}

Task<void> Lender::run_refresh(GrantRef grant, ServerRef server, RefreshRef refresh) {
  // Once more after an answer that was lost, or a refusal of what was not the newest token.
  for (int attempts = 0; attempts < 2; ++attempts) {
    const bool again = co_await attempt(grant, server, refresh);
    if (!again) break;
  }
  refreshes_.erase(grant->id);
  for (Resolver<>& waiting : refresh->waiting) waiting.resolve({});
}

Task<bool> Lender::attempt(GrantRef grant, ServerRef server, RefreshRef refresh) {
  // Where the grant changed its callers look again.
  if (grant->generation != refresh->generation) co_return false;
  if (const auto until = spared_until(*grant, *server)) {
    refresh->failure = {LendFailure::Kind::provider, "answer_lost",
                        "the answer to the last refresh was lost, and another one could end the "
                        "grant while its token still lives",
                        *until - parts_.clock.steady_seconds()};
    pause(*grant, *refresh->failure);
    co_return false;
  }
  const IntentRef open = parts_.intents.of(grant->id);
  refresh->recalls = open != nullptr && !open->lost;
  if (refresh->recalls) {
    refresh->scopes = open->scopes;
    refresh->resource = open->resource;
  } else {
    const bool begun = co_await begin_intent(grant, server, refresh);
    if (!begun || grant->generation != refresh->generation) co_return false;
  }
  refresh->failure.reset();
  TokenOutcome outcome = co_await exchange(grant, server, refresh);
  kill_point("answer");
  if (auto* answer = std::get_if<TokenAnswer>(&outcome)) {
    co_await keep_refreshed(grant, server, std::move(*answer), refresh);
    co_return false;
  }
  co_return co_await refresh_failed(grant, server, std::get<TokenProblem>(outcome), refresh);
}

Task<bool> Lender::begin_intent(GrantRef grant, ServerRef server, RefreshRef refresh) {
  const IntentRef before = parts_.intents.of(grant->id);
  const auto held = co_await server->http->held();
  if (!held) {
    refresh->failure = {LendFailure::Kind::unavailable, "fetch", held.error().text, std::nullopt};
    pause(*grant, *refresh->failure);
    co_return false;
  }
  Intent intent;
  intent.grant = grant->id;
  intent.context = server->context;
  intent.id = Intents::new_id();
  intent.epoch = held->epoch;
  intent.scopes = refresh->scopes;
  intent.resource = refresh->resource;
  intent.begun_at = parts_.clock.steady_seconds();
  intent.after_loss = before != nullptr;
  const auto kept = co_await parts_.intents.put(std::move(intent));
  if (!kept) {
    refresh->failure = {LendFailure::Kind::unavailable, "vault", kept.error().text, std::nullopt};
    pause(*grant, *refresh->failure);
  }
  kill_point("intent");
  co_return static_cast<bool>(kept);
}

Task<TokenOutcome> Lender::exchange(GrantRef grant, ServerRef server, RefreshRef refresh) {
  const IntentRef intent = parts_.intents.of(grant->id);
  Hold hold = parts_.intents.hold(intent->id, intent->epoch);
  if (refresh->recalls) {
    TokenOutcome outcome = co_await parts_.engine.recall(server, hold);
    const auto* problem = std::get_if<TokenProblem>(&outcome);
    if (problem == nullptr || problem->fate != Fate::not_sent) co_return outcome;
    // A disconnect meanwhile: nothing was sent, and nothing will be.
    if (grant->generation != refresh->generation) co_return outcome;
  }
  RefreshAsk ask;
  // Left out where it is all that was granted: RFC 6749 section 6.
  const auto granted = agents_own(server->preset, grant->granted);
  if (refresh->scopes != grant->requested || !within(granted, grant->requested))
    ask.scopes = refresh->scopes;
  ask.resource = refresh->resource;
  ask.refresh_token = parts_.grants.reveal(grant->refresh_token);
  ask.hold = std::move(hold);
  co_return co_await parts_.engine.refresh(server, std::move(ask));
}

}  // namespace reeve
