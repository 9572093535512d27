#include "session/sign_in.h"

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "oauth/pkce.h"
#include "oauth/pointer.h"
#include "session/account_proof.h"
#include "session/unix_sign_in.h"

namespace reeve {
namespace {

constexpr int64_t kLeastSeconds = 600;  // whatever the issuer's max_age

}  // namespace

bool own_path(std::string_view path) {
  if (path == "/" || path == "/connections" || !check_on(Check::next)) return true;
  for (const std::string_view prefix : {"/connect/", "/done/"}) {
    if (!path.starts_with(prefix) || path.size() != prefix.size() + 43) continue;
    return base64url_decode(path.substr(prefix.size())).has_value();
  }
  return false;
}

Event signed_in_event(const User& user) {
  Event event;
  event.name = "user.signed_in";
  event.issuer = user.issuer;
  event.subject = user.subject;
  event.outcome = "ok";
  return event;
}

Refusal SignInDesk::refused(std::string reason, const std::string& issuer,
                            std::string_view browser) {
  Event event;
  event.name = "sign_in.refused";
  event.issuer = issuer;
  event.browser = browser;
  event.outcome = "refused";
  event.reason = reason;
  if (const auto recorded = parts_.audit.record(event); !recorded) {
    return {Refusal::Kind::unavailable, recorded.error().text};
  }
  return {Refusal::Kind::flow, std::move(reason)};
}

Task<Bound<Away>> SignInDesk::begin(BrowserKey key, std::string issuer, std::string next,
                                    bool other_user) {
  const SetupRef setup = parts_.setup.get();
  if (!own_path(next)) co_return Refusal{Refusal::Kind::flow, "next"};
  const bool only = issuer.empty() && setup->issuers.size() == 1;
  const ServerRef server = only ? setup->issuers.begin()->second : setup->issuer_by_url(issuer);
  const BindingConfig* const binding = setup->binding(key.binding);
  // Nobody to be sent to: users of this host show by a program of theirs who they are.
  const bool nowhere = issuer == kUnix || (issuer.empty() && setup->issuers.empty());
  if (nowhere && binding != nullptr && takes_unix_users(*binding))
    co_return Refusal{Refusal::Kind::flow, std::string(kUnix)};
  if (server == nullptr || binding == nullptr) co_return Refusal{Refusal::Kind::flow, "issuer"};
  const auto found = co_await parts_.browsers.visit(std::move(key));
  if (!found && found.error().code == Code::invalid) co_return refused("browser", server->issuer);
  if (!found) co_return Refusal{Refusal::Kind::limit, found.error().text};
  const BrowserRef& browser = *found;

  NewFlow made =
      make_flow(*browser, redirect_uri(*binding, server->context), parts_.clock, parts_.boot);
  AuthorizeAsk ask;
  ask.redirect_uri = made.flow.redirect_uri;
  ask.state = std::string(made.state.reveal());
  ask.nonce = made.flow.nonce;
  ask.code_challenge = code_challenge(made.flow.code_verifier);
  ask.scopes = server->scopes;
  ask.sign_in = true;
  ask.login = other_user;
  ask.max_age = server->max_age;
  ask.acr_values = server->acr_values;
  auto url = co_await parts_.engine.authorize(server, std::move(ask));
  if (!url) {
    log(Level::error, url.error().text);
    co_return Refusal{Refusal::Kind::unavailable, "the issuer cannot be asked now"};
  }
  std::string id = flow_id(made.flow);
  browser->sign_ins.push_back({std::move(made.flow), server->name, std::move(next)});
  const auto saved = co_await parts_.browsers.save(browser);
  if (!saved) co_return Refusal{Refusal::Kind::unavailable, saved.error().text};
  co_return Away{std::move(*url), std::move(made.cookie), std::move(id)};
}

Task<Bound<Identity>> SignInDesk::redeem(ServerRef server, Flow flow, Secret code) {
  CodeAsk ask;
  ask.code = std::move(code);
  ask.code_verifier = std::move(flow.code_verifier);
  ask.redirect_uri = flow.redirect_uri;
  auto outcome = co_await parts_.engine.redeem(server, std::move(ask));
  if (const auto* problem = std::get_if<TokenProblem>(&outcome)) {
    log(Level::warning,
        "sign-in at " + server->name + ": " + problem->error + " " + problem->description);
    co_return refused("issuer:" + problem->error, server->issuer);
  }
  const TokenAnswer& answer = std::get<TokenAnswer>(outcome);
  if (!answer.id_token) co_return refused("id_token:absent", server->issuer);
  Engine::Verification verification;
  verification.kind = JwtKind::id_token;
  verification.audiences = {server->client.client_id};
  verification.nonce = flow.nonce;
  verification.max_age = server->max_age;
  verification.access_token = &answer.access_token;
  std::string token(answer.id_token->reveal());
  const auto claims =
      co_await parts_.engine.verify(server, std::move(token), std::move(verification));
  if (!claims) {
    log(Level::warning, "sign-in at " + server->name + ": ID token: " + claims.error().text);
    co_return refused("id_token", server->issuer);
  }
  if (!has_acr(*claims, server->acr_values)) co_return refused("acr", server->issuer);
  Identity identity{{claims->issuer, claims->subject, server->subject_claim, claims->name},
                    {},
                    claims->sub,
                    claims->sid};
  const SetupRef setup = parts_.setup.get();
  for (const std::string& name : setup->user_claims) {
    std::string value = vouched_text(claims->all, pointer_to(name));
    if (!value.empty()) identity.claims[name] = std::move(value);
  }
  co_return identity;
}

Task<Bound<SignedIn>> SignInDesk::finish(BrowserRef owner, CameBack back) {
  // Another binding's binder: the sign-in is not its to consume, and unknown to it.
  if (owner->binding != back.browser.binding) {
    Refusal refusal = refused("binding", "", owner->id);
    if (refusal.kind == Refusal::Kind::flow) refusal.reason = "state";
    co_return refusal;
  }
  const std::string hash = sha256(back.answer.state.reveal());
  SignIn taken;
  for (auto sign_in = owner->sign_ins.begin(); sign_in != owner->sign_ins.end(); ++sign_in) {
    if (sign_in->flow.state_hash != hash) continue;
    taken = std::move(*sign_in);
    owner->sign_ins.erase(sign_in);
    break;
  }
  const SetupRef setup = parts_.setup.get();
  const auto configured = setup->issuers.find(taken.issuer);
  if (configured == setup->issuers.end()) co_return refused("issuer", "", owner->id);
  const ServerRef server = configured->second;
  const auto saved = co_await parts_.browsers.save(owner);
  if (!saved) co_return Refusal{Refusal::Kind::unavailable, saved.error().text};
  const std::string problem =
      flow_problem(taken.flow, back, parts_.browsers.find(back.browser), parts_.clock, parts_.boot);
  if (!problem.empty()) co_return refused(problem, server->issuer, owner->id);

  const auto rules = co_await parts_.engine.callback_rules(server);
  if (!rules) co_return Refusal{Refusal::Kind::unavailable, "the issuer cannot be asked now"};
  auto judged = judge_callback(std::move(back.answer), *rules);
  if (const auto* wrong = std::get_if<CallbackProblem>(&judged)) {
    co_return refused(
        wrong->kind == CallbackProblem::Kind::mix_up ? "iss" : "issuer:" + wrong->error,
        server->issuer, owner->id);
  }
  Flow flow = taken.flow.clone();
  auto redeemed = co_await redeem(server, std::move(flow), std::move(std::get<Secret>(judged)));
  if (auto* refusal = std::get_if<Refusal>(&redeemed)) co_return std::move(*refusal);
  Identity identity = std::get<Identity>(std::move(redeemed));
  const User user = identity.user;
  const Event event = signed_in_event(user);
  const auto recorded = co_await parts_.audit.record_synced(event);
  if (!recorded) co_return Refusal{Refusal::Kind::unavailable, recorded.error().text};
  // Signed out meanwhile, or over.
  if (parts_.browsers.by_id(owner->id) != owner)
    co_return refused("browser", server->issuer, owner->id);
  // Long enough to finish what it was for, even where each sign-in is to be a real one (max_age 0).
  const int64_t most = setup->config.limits.sign_in_seconds;
  const int64_t lifetime = std::clamp(server->max_age.value_or(most), kLeastSeconds, most);
  auto secret =
      co_await parts_.browsers.sign_in(owner, std::move(identity), server->name, lifetime);
  if (!secret) co_return Refusal{Refusal::Kind::unavailable, secret.error().text};
  co_return SignedIn{std::move(taken.next), std::move(*secret)};
}

}  // namespace reeve
