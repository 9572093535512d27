// The second half of ConsentDesk: from a provider's code to a grant, and the way back.
#include <algorithm>

#include "async/carry_on.h"
#include "async/timer.h"
#include "base/check.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "session/account_proof.h"
#include "session/consent_desk.h"
#include "session/consent_reason.h"
#include "session/consent_receipt.h"

namespace reeve {
namespace {

// Until a reeve-fetch that is gone is asked again.
constexpr int64_t kUnaskedMilliseconds = 2'000;

Doomed doomed_of(const Consent& consent, TokenAnswer answer) {
  Doomed doomed;
  doomed.context = consent.context;
  doomed.provider = consent.provider;
  doomed.workload = consent.workload;
  doomed.user = consent.user;
  if (answer.refresh_token)
    doomed.tokens.push_back({std::move(*answer.refresh_token), true, std::nullopt});
  else if (!answer.access_token.empty())
    doomed.tokens.push_back({std::move(answer.access_token), false, std::nullopt});
  return doomed;
}

}  // namespace

Task<void> ConsentDesk::redeem(ConsentRef consent, ServerRef server, ConsentFlow flow,
                               Secret code) {
  const auto held = co_await server->http->held();
  Result<void> begun = held ? Result<void>() : Result<void>(held.error());
  if (held) {
    Redemption redemption;
    redemption.id = Intents::new_id();
    redemption.epoch = held->epoch;
    redemption.code = std::move(code);
    redemption.code_verifier = std::move(flow.flow.code_verifier);
    redemption.redirect_uri = flow.flow.redirect_uri;
    redemption.nonce = flow.flow.nonce;
    consent->redemption = std::move(redemption);
    begun = co_await parts_.consents.save(consent);
    kill_point("redemption");
  }
  if (!begun) {
    log(Level::error, "consent at " + server->name + ": " + begun.error().text);
    consent->redemption.reset();
    co_await fail(consent, ConsentStatus::failed, consent_reason::unreachable);
    co_return;
  }
  co_await finish_redemption(consent, server, false);
}

// `recalls`: it may have been begun before.
Task<TokenOutcome> ConsentDesk::exchange(ConsentRef consent, ServerRef server, bool recalls) {
  const Redemption& redemption = *consent->redemption;
  Hold hold = parts_.intents.hold(redemption.id, redemption.epoch);
  CodeAsk ask;
  ask.code = redemption.code.clone();
  ask.code_verifier = redemption.code_verifier.clone();
  ask.redirect_uri = redemption.redirect_uri;
  ask.resource = consent->resource;
  ask.hold = hold;
  if (recalls) {
    TokenOutcome outcome = co_await parts_.engine.recall(server, std::move(hold));
    const auto* problem = std::get_if<TokenProblem>(&outcome);
    if (problem == nullptr || problem->fate != Fate::not_sent) co_return outcome;
  }
  co_return co_await parts_.engine.redeem(server, std::move(ask));
}

Task<void> ConsentDesk::finish_redemption(ConsentRef consent, ServerRef server, bool recalls) {
  const std::string id = consent->redemption->id;
  TokenOutcome outcome = co_await exchange(consent, server, recalls);
  for (;;) {
    const auto* problem = std::get_if<TokenProblem>(&outcome);
    const bool unasked = problem != nullptr && problem->fate == Fate::unasked;
    if (!unasked || parts_.consents.over(*consent)) break;
    co_await sleep(parts_.loop, kUnaskedMilliseconds);
    outcome = co_await exchange(consent, server, true);
  }
  kill_point("code-answer");
  co_await take_outcome(consent, server, std::move(outcome), recalls);
  kill_point("code-kept");
  // Settled, and that is durable.
  if (consent->redemption) co_return;
  const auto forgotten = co_await server->http->acknowledge(id);
  if (!forgotten) log(Level::warning, "an answer is still held: " + forgotten.error().text);
}

Task<void> ConsentDesk::take_outcome(ConsentRef consent, ServerRef server, TokenOutcome outcome,
                                     bool recalls) {
  if (auto* answer = std::get_if<TokenAnswer>(&outcome)) {
    if (!recalls || !parts_.consents.over(*consent)) {
      std::string nonce = consent->redemption->nonce;
      co_await take_tokens(consent, server, std::move(*answer), std::move(nonce));
      co_return;
    }
    // Nobody waits for it any more, and nobody can confirm it.
    tasks_.spawn(revoke_later(doomed_of(*consent, std::move(*answer))));
    co_await fail(consent, ConsentStatus::failed, consent_reason::interrupted);
    co_return;
  }
  const TokenProblem& problem = std::get<TokenProblem>(outcome);
  log(Level::warning,
      "consent at " + server->name + ": " + problem.error + " " + problem.description);
  std::string reason = consent_reason::of_provider(problem.error);
  co_await fail(consent, ConsentStatus::failed, std::move(reason));
}

void ConsentDesk::resume() {
  for (const ConsentRef& consent : parts_.consents.all()) {
    if (consent->status != ConsentStatus::redeeming || !consent->redemption) continue;
    const ServerRef server = parts_.setup.get()->provider_by_context(consent->context);
    if (server != nullptr) tasks_.spawn(finish_redemption(consent, server, true));
    else tasks_.spawn(fail(consent, ConsentStatus::failed, consent_reason::not_configured));
  }
}

Task<Result<Claims>> ConsentDesk::check_id_token(ServerRef server, const TokenAnswer& answer,
                                                 std::string nonce,
                                                 std::optional<int64_t> max_age) {
  Engine::Verification verification;
  verification.kind = JwtKind::id_token;
  verification.audiences = {server->client.client_id};
  verification.nonce = std::move(nonce);
  verification.max_age = max_age;
  verification.access_token = &answer.access_token;
  std::string token(answer.id_token->reveal());
  co_return co_await parts_.engine.verify(server, std::move(token), std::move(verification));
}

Task<void> ConsentDesk::take_tokens(ConsentRef consent, ServerRef server, TokenAnswer answer,
                                    std::string nonce) {
  std::optional<Claims> claims;
  std::string problem, told = consent_reason::invalid_answer;
  // Where the provider is an OpenID issuer its ID token ties the answer to this flow, whatever else
  // it is for.
  if (answer.id_token && !server->issuer.empty() && check_on(Check::nonce)) {
    auto verified = co_await check_id_token(server, answer, std::move(nonce), consent->max_age);
    if (verified) claims = std::move(*verified);
    else problem = "ID token: " + verified.error().text;
  }
  Account account;
  if (problem.empty()) {
    auto found =
        co_await parts_.engine.account(server, answer.access_token, claims ? &*claims : nullptr);
    if (found) account = std::move(*found);
    else problem = found.error().text;
  }
  const Claims* const said = claims ? &*claims : nullptr;
  if (problem.empty()) {
    problem = account_problem(*server, *consent, said, account);
    if (problem == "account_domain") told = consent_reason::account_domain;
    else if (!problem.empty()) told = consent_reason::step_up;
  }
  if (!problem.empty()) {
    log(Level::warning, "consent at " + server->name + ": " + problem);
    tasks_.spawn(revoke_later(doomed_of(*consent, std::move(answer))));
    co_await fail(consent, ConsentStatus::failed, std::move(told));
    co_return;
  }
  const BrowserRef browser = parts_.browsers.by_id(consent->handle_browser);
  const bool proven =
      proves_account(*server, *consent, said, account, browser.get()) || !check_on(Check::account);
  consent->held = hold(*consent, *server, std::move(answer), account, said);
  consent->account_label = account.label;
  if (proven) {
    const auto granted = co_await grant(consent, true);
    if (!granted) log(Level::error, granted.error().text);
    co_return;
  }
  const auto asked = co_await parts_.consents.settle(consent, ConsentStatus::confirm, "");
  if (!asked) log(Level::error, asked.error().text);
}

HeldGrant ConsentDesk::hold(const Consent& consent, const Server& server, TokenAnswer answer,
                            const Account& account, const Claims* claims) const {
  HeldGrant held;
  Grant& grant = held.grant;
  grant.id = new_grant_id();
  grant.user = consent.user;
  grant.context = consent.context;
  grant.provider = consent.provider;
  grant.account_id = account.id;
  grant.account_label = account.label;
  grant.holder = consent.holder;
  grant.workload = consent.workload;
  grant.issuer = server.grant_issuer();
  grant.client_id = server.client.client_id;
  grant.requested = consent.scopes;
  grant.granted = answer.scopes ? sorted(*answer.scopes) : consent.scopes;
  std::set_difference(grant.requested.begin(), grant.requested.end(), grant.granted.begin(),
                      grant.granted.end(), std::back_inserter(grant.declined));
  if (!consent.resource.empty()) grant.resources = {consent.resource};
  if (claims != nullptr) {
    grant.acr = claims->acr;
    grant.auth_time = claims->auth_time;
  }
  grant.created_at = parts_.clock.unix_seconds();
  NewToken token;
  token.resource = consent.resource;
  token.scopes = grant.requested;
  token.carried = grant.granted;
  token.token_type = answer.token_type;
  token.issued_at = parts_.clock.steady_seconds();
  if (answer.expires_in) token.expires_at = token.issued_at + *answer.expires_in;
  token.value = std::move(answer.access_token);
  held.tokens.push_back(std::move(token));
  if (answer.refresh_token) held.refresh_token = std::move(*answer.refresh_token);
  return held;
}

Task<Result<void>> ConsentDesk::grant(ConsentRef consent, bool matched) {
  const ConsentPage page = page_of(*consent);
  const BrowserRef browser = parts_.browsers.by_id(consent->handle_browser);
  const std::string receipt = consent_receipt({*consent, page, browser.get(), matched});
  Event event = event_of(*consent, "grant.created", "ok");
  event.grant = consent->held->grant.id;
  event.account = consent->held->grant.account_id;
  event.receipt = receipt;
  const auto recorded = co_await parts_.audit.record_synced(event);
  if (!recorded) co_return co_await confirm_again(consent, recorded.error());
  HeldGrant& held = *consent->held;
  std::optional<Secret> refresh_token;
  if (!held.refresh_token.empty()) refresh_token = held.refresh_token.clone();
  std::vector<NewToken> tokens;
  for (const NewToken& token : held.tokens) {
    tokens.push_back({token.resource, token.scopes, token.carried, token.token_type,
                      token.value.clone(), token.issued_at, token.expires_at});
  }
  Grant fresh = held.grant;
  const auto kept =
      co_await parts_.grants.put(std::move(fresh), std::move(refresh_token), std::move(tokens));
  if (!kept) co_return co_await confirm_again(consent, kept.error());
  // The grant is durable, whatever becomes of the question.
  const auto settled = co_await parts_.consents.settle(consent, ConsentStatus::granted, "");
  if (!settled) log(Level::error, settled.error().text);
  co_return Result<void>();
}

// Back to the question, for who waits and for another press.
Task<Error> ConsentDesk::confirm_again(ConsentRef consent, Error error) {
  const auto settled = co_await parts_.consents.settle(consent, ConsentStatus::confirm, "");
  if (!settled) log(Level::error, settled.error().text);
  co_return error;
}

void ConsentDesk::give_back(Consent& consent) {
  if (!consent.held) return;
  HeldGrant held = std::move(*consent.held);
  consent.held.reset();
  TokenAnswer answer;
  if (!held.refresh_token.empty()) answer.refresh_token = std::move(held.refresh_token);
  if (!held.tokens.empty()) answer.access_token = std::move(held.tokens.front().value);
  tasks_.spawn(revoke_later(doomed_of(consent, std::move(answer))));
}

void ConsentDesk::give_back_unconfirmed() {
  for (const ConsentRef& consent : parts_.consents.all()) {
    if (consent->status == ConsentStatus::confirm && parts_.consents.over(*consent))
      give_back(*consent);
  }
}

Task<void> ConsentDesk::fail(ConsentRef consent, ConsentStatus status, std::string reason) {
  const ConsentStatus before = consent->status;
  if (final(before)) co_return;
  give_back(*consent);
  Event event = event_of(*consent, "consent.ended", word(status));
  event.reason = reason;
  const auto recorded = co_await parts_.audit.record_synced(event);
  if (!recorded) log(Level::error, recorded.error().text);
  // What went on meanwhile (the callback came, another settled it) wins.
  if (consent->status != before) co_return;
  const auto settled = co_await parts_.consents.settle(consent, status, std::move(reason));
  if (!settled) log(Level::error, settled.error().text);
}

Task<bool> ConsentDesk::begin_anew(ConsentRef consent) {
  const Event event = event_of(*consent, "consent.begun_anew", "ok");
  const auto recorded = co_await parts_.audit.record_synced(event);
  if (!recorded) log(Level::error, recorded.error().text);
  if (!recorded || consent->status != ConsentStatus::confirm) co_return false;
  give_back(*consent);
  const auto settled = co_await parts_.consents.settle(consent, ConsentStatus::pending, "");
  if (!settled) log(Level::error, settled.error().text);
  co_return settled.operator bool();
}

Task<void> ConsentDesk::revoke_later(Doomed doomed) {
  const auto kept = co_await parts_.revocations.enqueue(std::move(doomed), {});
  if (!kept) log(Level::error, "a token is not revoked at its provider: " + kept.error().text);
}

}  // namespace reeve
