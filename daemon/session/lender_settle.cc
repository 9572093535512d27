// The third part of Lender: what came of a refresh, and of those that were left open.
#include <algorithm>

#include "base/kill_point.h"
#include "base/log.h"
#include "session/lender_refresh.h"

namespace reeve {
namespace {

Doomed doomed_of(const Intent& intent, const Server& server, TokenAnswer answer) {
  Doomed doomed;
  doomed.grant = intent.grant;
  doomed.context = intent.context;
  doomed.provider = server.name;
  if (answer.refresh_token)
    doomed.tokens.push_back({std::move(*answer.refresh_token), true, std::nullopt});
  doomed.tokens.push_back({std::move(answer.access_token), false, std::nullopt});
  return doomed;
}

}  // namespace

Event Lender::refresh_event(const Grant& grant, std::string_view name,
                            std::string_view outcome) const {
  Event event;
  event.name = name;
  event.issuer = grant.user.issuer;
  event.subject = grant.user.subject;
  event.workload = grant.workload;
  event.provider = grant.provider;
  event.account = grant.account_id;
  event.grant = grant.id;
  event.outcome = outcome;
  return event;
}

// What came of the exchange is durable, or of no use.
Task<void> Lender::done_with(ServerRef server, std::string id) {
  const auto forgotten = co_await server->http->acknowledge(std::move(id));
  if (!forgotten) log(Level::warning, "an answer is still held: " + forgotten.error().text);
}

// What came too late is nobody's: it is revoked, and the intent ends in the same transaction.
Task<void> Lender::give_back(IntentRef intent, ServerRef server, Doomed doomed) {
  std::vector<Change> also;
  also.push_back(parts_.intents.erasure(intent->grant));
  const auto kept = co_await parts_.revocations.enqueue(std::move(doomed), std::move(also));
  if (!kept) {
    log(Level::error, kept.error().text);
    co_return;
  }
  parts_.intents.forget(intent->grant);
  co_await done_with(server, intent->id);
}

Task<void> Lender::keep_refreshed(GrantRef grant, ServerRef server, TokenAnswer answer,
                                  RefreshRef refresh) {
  const IntentRef intent = parts_.intents.of(grant->id);
  Grants::Refreshed fresh;
  NewToken& token = fresh.token;
  token.resource = refresh->resource;
  token.scopes = refresh->scopes;
  // Not said: what was asked for, and that was what was granted where nothing was (section 6).
  if (answer.scopes) token.carried = sorted(*answer.scopes);
  else token.carried = refresh->scopes == grant->requested ? grant->granted : refresh->scopes;
  token.token_type = answer.token_type;
  // An answer that waited is as old as its request.
  token.issued_at = refresh->recalls ? intent->begun_at : parts_.clock.steady_seconds();
  if (answer.expires_in) token.expires_at = token.issued_at + *answer.expires_in;
  token.value = answer.access_token.clone();
  if (answer.refresh_token) fresh.refresh_token = answer.refresh_token->clone();
  fresh.also.push_back(parts_.intents.erasure(grant->id));
  const auto kept = co_await parts_.grants.refreshed(grant, refresh->generation, std::move(fresh));
  if (!kept && kept.error().code == Code::conflict) {
    // A disconnect or a newer consent won.
    Doomed doomed = doomed_of(*intent, *server, std::move(answer));
    doomed.user = grant->user;
    doomed.workload = grant->workload;
    doomed.account = grant->account_id;
    co_await give_back(intent, server, std::move(doomed));
    co_return;
  }
  if (!kept) {
    // Still held: the next attempt finds it.
    refresh->failure = {LendFailure::Kind::unavailable, "vault", kept.error().text, std::nullopt};
    pause(*grant, *refresh->failure);
    co_return;
  }
  parts_.intents.forget(grant->id);
  pauses_.erase(grant->id);
  kill_point("kept");
  co_await done_with(server, intent->id);
  kill_point("forgotten");
  const Event event = refresh_event(*grant, "token.refreshed", "ok");
  if (const auto recorded = parts_.audit.record(event); !recorded) {
    refresh->failure = {LendFailure::Kind::unavailable, "audit", recorded.error().text,
                        std::nullopt};
  }
  parts_.announcer.to_owner(owner_key(grant->user.issuer, grant->user.subject, grant->holder),
                            {"token_refreshed", grant->provider, grant->id});
}

Task<bool> Lender::refresh_failed(GrantRef grant, ServerRef server, TokenProblem problem,
                                  RefreshRef refresh) {
  Event event = refresh_event(*grant, "token.refresh_failed", "failed");
  event.reason = problem.error;
  const auto recorded = parts_.audit.record(event);
  if (problem.fate == Fate::lost)
    co_return co_await lost(grant, server, std::move(problem), refresh);
  if (problem.fate == Fate::answered && problem.kind == TokenProblem::Kind::invalid_grant &&
      grant->generation == refresh->generation) {
    co_return co_await refused(grant, server, std::move(problem), refresh);
  }
  if (problem.fate != Fate::unasked) {
    // Nothing came of it. Where that cannot be written it is asked for again, and says the same.
    const std::string id = parts_.intents.of(grant->id)->id;
    const auto erased = co_await parts_.intents.erase(grant->id);
    if (erased && problem.fate == Fate::answered) co_await done_with(server, id);
  }
  if (grant->generation != refresh->generation) co_return false;
  const bool fetch = problem.fate == Fate::unasked;
  refresh->failure = {fetch ? LendFailure::Kind::unavailable : LendFailure::Kind::provider,
                      problem.error, problem.description, problem.retry_after};
  pause(*grant, *refresh->failure);
  if (!recorded)
    refresh->failure = {LendFailure::Kind::unavailable, "audit", recorded.error().text,
                        std::nullopt};
  co_return false;
}

// The refresh token may be used up. Where the provider takes it twice, or nothing is left to lose,
// it is tried once more.
Task<bool> Lender::lost(GrantRef grant, ServerRef server, TokenProblem problem,
                        RefreshRef refresh) {
  Intent intent = *parts_.intents.of(grant->id);
  const std::string id = intent.id;
  intent.lost = true;
  const auto kept = co_await parts_.intents.put(std::move(intent));
  kill_point("lost");
  if (kept) co_await done_with(server, id);
  refresh->failure = {LendFailure::Kind::provider, problem.error, problem.description,
                      std::nullopt};
  pause(*grant, *refresh->failure);
  // At once, unless the callers have waited for a silent provider already.
  co_return kept && !problem.silent && grant->generation == refresh->generation;
}

Task<bool> Lender::refused(GrantRef grant, ServerRef server, TokenProblem problem,
                           RefreshRef refresh) {
  const IntentRef intent = parts_.intents.of(grant->id);
  const auto newer = co_await parts_.grants.reload(grant);
  // A disconnect or a newer consent came meanwhile: this answer is of no use any more.
  const bool over = grant->generation != refresh->generation;
  if (over || (newer && *newer)) {
    const auto erased = co_await parts_.intents.erase(grant->id);
    if (erased) co_await done_with(server, intent->id);
    co_return erased && grant->generation == refresh->generation;
  }
  if (!newer) {
    // Whether there is a newer token cannot be said now; the answer is held, and asked for again.
    refresh->failure = {LendFailure::Kind::unavailable, "vault", newer.error().text, std::nullopt};
    pause(*grant, *refresh->failure);
    co_return false;
  }
  std::vector<Change> also;
  also.push_back(parts_.intents.erasure(grant->id));
  std::string reason = intent->after_loss ? "answer_lost" : "revoked";
  if (!intent->after_loss) suspect_leak(*grant, *server, problem);
  const auto killed = co_await parts_.grants.kill(grant, std::move(reason), std::move(also));
  parts_.announcer.to_owner(owner_key(grant->user.issuer, grant->user.subject, grant->holder),
                            {"grant_revoked", grant->provider, grant->id});
  kill_point("latched");
  if (killed) {
    parts_.intents.forget(grant->id);
    co_await done_with(server, intent->id);
  } else {
    refresh->failure = {LendFailure::Kind::unavailable, "vault", killed.error().text, std::nullopt};
  }
  co_return false;
}

// A refresh token that came back, or one that a rotating provider refuses although it was never
// used here: revoked there, or somebody else has it.
void Lender::suspect_leak(const Grant& grant, const Server& server, const TokenProblem& problem) {
  const bool said = says_reuse(problem);
  if (!said && server.preset.rotation == Rotation::none) return;
  std::string reason = said ? "the provider says that the refresh token was used before"
                            : "the provider refuses a refresh token that was not used before: "
                              "revoked there, or used by somebody else";
  reason += "; last holders of its tokens: ";
  if (grant.holders.empty()) reason += "none since the start";
  for (const TokenHolder& holder : grant.holders) {
    reason += holder.workload + " in session " + holder.session + " at " +
              std::to_string(holder.at) + ", ";
  }
  if (!grant.holders.empty()) reason.resize(reason.size() - 2);
  Event event = refresh_event(grant, "grant.leak_suspected", said ? "reuse" : "refused");
  event.reason = reason;
  if (const auto recorded = parts_.audit.record(event); !recorded) {
    log(Level::error, recorded.error().text);
  }
}

void Lender::settle_open() {
  const SetupRef setup = parts_.setup.get();
  for (const IntentRef& intent : parts_.intents.all()) {
    if (refreshes_.contains(intent->grant) || strays_.contains(intent->grant)) continue;
    // A provider that is not configured may be so again.
    const ServerRef server = setup->provider_by_context(intent->context);
    if (server == nullptr) continue;
    if (parts_.grants.by_id(intent->grant) != nullptr || !parts_.grants.exists(intent->grant)) {
      settle(intent, server);
    } else if (bringing_.insert(intent->grant).second) {
      tasks_.spawn(bring_and_settle(intent, server));
    }
  }
}

// Where it cannot be read it is not tried again before the next start: no one is lent it either.
Task<void> Lender::bring_and_settle(IntentRef intent, ServerRef server) {
  const auto brought = co_await parts_.grants.bring(intent->grant);
  if (!brought) {
    log(Level::error, "an open refresh: " + brought.error().text);
    co_return;
  }
  bringing_.erase(intent->grant);
  // Somebody may have asked for it meanwhile, and what came of it be settled.
  const bool begun = refreshes_.contains(intent->grant) || strays_.contains(intent->grant);
  if (!begun && parts_.intents.of(intent->grant) == intent) settle(intent, server);
}

void Lender::settle(const IntentRef& intent, const ServerRef& server) {
  const GrantRef grant = parts_.grants.by_id(intent->grant);
  if (grant == nullptr || grant->dead) {
    strays_.insert(intent->grant);
    tasks_.spawn(settle_stray(intent, server));
  } else if (!intent->lost && !paused(*grant)) {
    auto refresh = std::make_shared<Refresh>();
    refresh->scopes = intent->scopes;
    refresh->resource = intent->resource;
    refresh->generation = grant->generation;
    refreshes_[grant->id] = refresh;
    tasks_.spawn(run_refresh(grant, server, refresh));
  }
}

// The grant was disconnected, replaced or latched: what is held for it is given back.
Task<void> Lender::settle_stray(IntentRef intent, ServerRef server) {
  if (!intent->lost) {
    Hold hold = parts_.intents.hold(intent->id, intent->epoch);
    TokenOutcome outcome = co_await parts_.engine.recall(server, std::move(hold));
    auto* answer = std::get_if<TokenAnswer>(&outcome);
    if (answer != nullptr) {
      Doomed doomed = doomed_of(*intent, *server, std::move(*answer));
      co_await give_back(intent, server, std::move(doomed));
    }
    if (answer != nullptr || std::get<TokenProblem>(outcome).fate == Fate::unasked) {
      strays_.erase(intent->grant);
      co_return;
    }
  }
  const auto erased = co_await parts_.intents.erase(intent->grant);
  if (erased) co_await done_with(server, intent->id);
  strays_.erase(intent->grant);
}

// The ids that something of ours asks for, now.
std::set<std::string> Lender::wanted_ids() const {
  std::set<std::string> ids;
  for (const IntentRef& intent : parts_.intents.all()) ids.insert(intent->id);
  for (const ConsentRef& consent : parts_.consents.all()) {
    if (consent->redemption) ids.insert(consent->redemption->id);
  }
  return ids;
}

Task<void> Lender::forget_strangers() {
  const SetupRef setup = parts_.setup.get();
  for (const auto& [name, server] : setup->providers) {
    const auto held = co_await server->http->held();
    if (!held) continue;
    // What was begun meanwhile is known by now: its intent came first.
    const std::set<std::string> ours = wanted_ids();
    for (const std::string& id : held->ids) {
      if (!ours.contains(id)) co_await done_with(server, id);
    }
  }
}

}  // namespace reeve
