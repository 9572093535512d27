#include "session/consent_desk.h"

#include "async/carry_on.h"
#include "base/check.h"
#include "base/encoding.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "crypto/random.h"
#include "oauth/pkce.h"
#include "session/consent_reason.h"

namespace reeve {
namespace {

constexpr int kWrongUsers = 3;  // who may open another's consent before it is refused

std::string join(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& item : list) text += item + '\n';
  return text;
}

Refusal stopping() { return {Refusal::Kind::unavailable, "the daemon is stopping"}; }

bool right_user(const BrowserRef& browser, const Consent& consent) {
  if (!check_on(Check::user)) return true;
  return browser != nullptr && browser->user && browser->user->is(consent.user);
}

}  // namespace

std::string return_location(const Ticket& ticket) {
  if (ticket.return_url.empty() || ticket.return_state.empty()) return ticket.return_url;
  const char separator = ticket.return_url.find('?') == std::string::npos ? '?' : '&';
  return ticket.return_url + separator + "state=" + percent_encode(ticket.return_state);
}

ConsentDesk::ConsentDesk(Parts parts) : parts_(std::move(parts)), tasks_(parts_.loop) {}

Event ConsentDesk::event_of(const Consent& consent, std::string_view name,
                            std::string_view outcome) const {
  Event event;
  event.name = name;
  event.issuer = consent.user.issuer;
  event.subject = consent.user.subject;
  event.provider = consent.provider;
  event.scopes = &consent.scopes;
  event.outcome = outcome;
  event.workload = consent.workload;
  event.consent = consent.id;
  return event;
}

Task<Refusal> ConsentDesk::refuse(ConsentRef consent, std::string reason, BrowserRef visitor) {
  Event event = event_of(*consent, "flow.refused", "refused");
  event.reason = reason;
  if (visitor != nullptr) event.browser = visitor->id;
  if (visitor != nullptr && visitor->user) {
    event.visitor_issuer = visitor->user->issuer;
    event.visitor_subject = visitor->user->subject;
  }
  const auto recorded = co_await parts_.audit.record_synced(event);
  if (!recorded) co_return Refusal{Refusal::Kind::unavailable, recorded.error().text};
  co_return Refusal{Refusal::Kind::flow, std::move(reason)};
}

Refusal ConsentDesk::foreign(const Consent& consent) {
  Event event = event_of(consent, "flow.refused", "refused");
  event.reason = "binding";
  if (const auto recorded = parts_.audit.record(event); !recorded) {
    return {Refusal::Kind::unavailable, recorded.error().text};
  }
  return {Refusal::Kind::ticket, "unknown"};
}

ConsentPage ConsentDesk::page_of(const Consent& consent) const {
  ConsentPage page;
  const auto& providers = parts_.setup.get()->providers;
  const auto provider = providers.find(consent.provider);
  page.workload = consent.workload;
  page.provider = provider == providers.end() ? consent.provider : provider->second->display_name;
  page.resource = consent.resource;
  page.user = display_name(consent.user);
  page.phrase = consent.phrase;
  page.scopes = consent.scopes;
  page.expires_at = consent.expires_at;
  page.digest = base64url(sha256(
      length_prefixed({"reeve-page-v1", consent.id, consent.workload, consent.provider,
                       consent.context, consent.resource, consent.user.issuer, consent.user.subject,
                       consent.phrase, join(consent.scopes), join(consent.acr_values)})));
  return page;
}

Bound<ConsentDesk::Opened> ConsentDesk::open(const BrowserKey& browser, const std::string& ticket) {
  Opened opened;
  opened.consent = parts_.consents.by_ticket(ticket);
  if (opened.consent == nullptr) return Refusal{Refusal::Kind::ticket, "unknown"};
  if (opened.consent->binding != browser.binding) return foreign(*opened.consent);
  opened.ticket = Consents::ticket_of(*opened.consent, ticket);
  opened.browser = parts_.browsers.find(browser);
  if (opened.browser != nullptr && !opened.browser->user) opened.browser = nullptr;
  // Once Continue was pressed, a ticket belongs to that browser.
  const std::string& bound = opened.ticket->browser;
  if (!bound.empty() && opened.browser != nullptr && opened.browser->id != bound) {
    return Refusal{Refusal::Kind::ticket, "used"};
  }
  if (final(opened.consent->status)) return opened;
  if (parts_.consents.over(*opened.consent)) return Refusal{Refusal::Kind::ticket, "expired"};
  if (parts_.sessions.by_handle_hash(opened.ticket->session) == nullptr &&
      check_on(Check::session)) {
    return Refusal{Refusal::Kind::ticket, "session_ended"};
  }
  return opened;
}

Task<Bound<Described>> ConsentDesk::describe(BrowserKey browser, std::string ticket) {
  auto looked = open(browser, ticket);
  if (auto* refusal = std::get_if<Refusal>(&looked)) co_return std::move(*refusal);
  const Opened opened = std::get<Opened>(looked);
  const ConsentRef consent = opened.consent;
  const SetupRef setup = parts_.setup.get();
  Described described;
  if (consent->user.issuer == kUnix) described.issuer = kUnix;
  const auto issuer = setup->issuers.find(consent->issuer);
  if (issuer != setup->issuers.end()) described.issuer = issuer->second->issuer;
  if (opened.browser == nullptr) {
    described.status = "sign_in";
    described.ended = parts_.browsers.ended(browser);
    co_return described;
  }
  described.user = display_name(*opened.browser->user);
  if (opened.browser->user->issuer != consent->user.issuer) {
    described.status = "sign_in_elsewhere";
    co_return described;
  }
  if (!right_user(opened.browser, *consent)) {
    described.status = "wrong_user";
    const Refusal refusal = co_await refuse(consent, "wrong_user", opened.browser);
    if (refusal.kind == Refusal::Kind::unavailable) co_return refusal;
    const bool redeeming = consent->status == ConsentStatus::redeeming;
    if (++consent->wrong_users >= kWrongUsers && !redeeming) {
      co_await fail(consent, ConsentStatus::refused, consent_reason::other_user);
    }
    co_return described;
  }
  if (final(consent->status)) {
    described.status = "finished";
    described.outcome = word(consent->status);
  } else if (consent->status != ConsentStatus::pending &&
             consent->handle_browser == opened.browser->id) {
    described.status = "under_way";
    described.handle = consent->handle.clone();
  } else {
    described.status = "ready";
    described.page = page_of(*consent);
  }
  co_return described;
}

Task<Bound<Away>> ConsentDesk::start(BrowserKey browser, std::string ticket, std::string digest) {
  auto looked = open(browser, ticket);
  if (auto* refusal = std::get_if<Refusal>(&looked)) co_return std::move(*refusal);
  const Opened opened = std::get<Opened>(looked);
  const ConsentRef consent = opened.consent;
  if (final(consent->status)) co_return Refusal{Refusal::Kind::ticket, "used"};
  if (opened.browser == nullptr) co_return Refusal{Refusal::Kind::not_signed_in, ""};
  if (!right_user(opened.browser, *consent)) {
    Refusal refusal = co_await refuse(consent, "wrong_user", opened.browser);
    // What is being redeemed was begun and finished by the right user.
    if (consent->status != ConsentStatus::redeeming)
      co_await fail(consent, ConsentStatus::refused, consent_reason::other_user);
    co_return refusal;
  }
  const bool other_waits =
      consent->status == ConsentStatus::confirm && consent->handle_browser != opened.browser->id;
  if (consent->status != ConsentStatus::pending && !other_waits)
    co_return Refusal{Refusal::Kind::flow, "under_way"};
  if (!equal_constant_time(page_of(*consent).digest, digest) && check_on(Check::digest))
    co_return Refusal{Refusal::Kind::flow, "changed"};
  const SetupRef setup = parts_.setup.get();
  const auto provider = setup->providers.find(consent->provider);
  Ask asked{consent->workload, consent->issuer, consent->provider, consent->scopes,
            consent->resource.empty() ? std::nullopt : std::optional(consent->resource)};
  const WorkloadConfig* const workload = setup->policy.find(consent->workload);
  const BindingConfig* const binding = setup->binding(consent->binding);
  if (provider == setup->providers.end() || provider->second->context != consent->context ||
      !setup->policy.decide(asked).allowed || workload == nullptr || binding == nullptr ||
      workload->binding != consent->binding) {
    Refusal refusal = co_await refuse(consent, "policy", opened.browser);
    co_return refusal;
  }
  const ServerRef server = provider->second;
  NewFlow made = make_flow(*opened.browser, redirect_uri(*binding, server->context), parts_.clock,
                           parts_.boot);
  AuthorizeAsk ask;
  ask.redirect_uri = made.flow.redirect_uri;
  ask.state = std::string(made.state.reveal());
  ask.nonce = made.flow.nonce;
  ask.code_challenge = code_challenge(made.flow.code_verifier);
  ask.scopes = consent->scopes;
  ask.resource = consent->resource;
  ask.acr_values = consent->acr_values;
  ask.max_age = consent->max_age;
  const auto hint = opened.browser->claims.find(server->login_hint);
  if (hint != opened.browser->claims.end()) ask.login_hint = hint->second;
  if (other_waits && !co_await begin_anew(consent))
    co_return Refusal{Refusal::Kind::flow, "under_way"};
  const Event event = event_of(*consent, "consent.started", "ok");
  const auto recorded = co_await parts_.audit.record_synced(event);
  if (!recorded) co_return Refusal{Refusal::Kind::unavailable, recorded.error().text};
  auto url = co_await parts_.engine.authorize(server, std::move(ask));
  if (!url) {
    log(Level::error, url.error().text);
    co_return Refusal{Refusal::Kind::unavailable, "the provider cannot be asked now"};
  }
  // Looked up again: anything may have happened meanwhile.
  Ticket* const again = Consents::ticket_of(*consent, ticket);
  if (again == nullptr || consent->status != ConsentStatus::pending)
    co_return Refusal{Refusal::Kind::flow, "under_way"};
  again->browser = opened.browser->id;
  std::string id = flow_id(made.flow);
  ConsentFlow flow{std::move(made.flow), again->hash, again->session, server->issuer};
  const auto added = co_await parts_.consents.add_flow(consent, std::move(flow));
  if (!added) co_return Refusal{Refusal::Kind::unavailable, added.error().text};
  co_return Away{std::move(*url), std::move(made.cookie), std::move(id)};
}

Task<Bound<std::string>> ConsentDesk::decline(BrowserKey browser, std::string ticket) {
  auto looked = open(browser, ticket);
  if (auto* refusal = std::get_if<Refusal>(&looked)) co_return std::move(*refusal);
  const Opened opened = std::get<Opened>(looked);
  if (opened.browser == nullptr) co_return Refusal{Refusal::Kind::not_signed_in, ""};
  if (!right_user(opened.browser, *opened.consent)) {
    Refusal refusal = co_await refuse(opened.consent, "wrong_user", opened.browser);
    co_return refusal;
  }
  const std::string next = return_location(*opened.ticket);
  if (opened.consent->status == ConsentStatus::pending) {
    co_await fail(opened.consent, ConsentStatus::declined, consent_reason::user);
  }
  co_return next;
}

std::string ConsentDesk::callback_problem(const Consent& consent, const ConsentFlow& flow,
                                          const CameBack& back) const {
  const BrowserRef current = parts_.browsers.find(back.browser);
  std::string problem = flow_problem(flow.flow, back, current, parts_.clock, parts_.boot);
  if (!problem.empty()) return problem;
  if (!right_user(current, consent)) return "user";
  if (parts_.sessions.by_handle_hash(flow.session) == nullptr && check_on(Check::session))
    return "session";
  if (parts_.consents.over(consent)) return "expired";
  if (consent.status != ConsentStatus::pending && check_on(Check::under_way)) return "under_way";
  return "";
}

Task<Bound<Secret>> ConsentDesk::came_back(ConsentRef consent, CameBack back) {
  Task<Bound<Secret>> task = take_callback(std::move(consent), std::move(back));
  auto done = co_await carry_on(tasks_, std::move(task));
  if (!done) co_return stopping();
  co_return std::move(*done);
}

Task<Bound<Secret>> ConsentDesk::take_callback(ConsentRef consent, CameBack back) {
  // The flow is not its to burn.
  if (consent->binding != back.browser.binding) {
    Refusal refusal = foreign(*consent);
    if (refusal.kind == Refusal::Kind::ticket) refusal = {Refusal::Kind::flow, "state"};
    co_return refusal;
  }
  auto taken = parts_.consents.take_flow(*consent, sha256(back.answer.state.reveal()));
  if (!taken) co_return Refusal{Refusal::Kind::flow, "state"};
  ConsentFlow flow = std::move(*taken);
  const BrowserRef visitor = parts_.browsers.find(back.browser);
  std::string problem = callback_problem(*consent, flow, back);
  const SetupRef setup = parts_.setup.get();
  const ServerRef server = setup->provider_by_context(consent->context);
  if (server == nullptr && problem.empty()) problem = "context";
  Secret handle = random_token();
  if (problem.empty()) {
    consent->status = ConsentStatus::redeeming;
    parts_.consents.set_handle(consent, handle, flow);
  }
  // The state is gone for good before anything else happens.
  const auto saved = co_await parts_.consents.save(consent);
  if (!saved) {
    if (problem.empty()) consent->status = ConsentStatus::pending;
    co_return Refusal{Refusal::Kind::unavailable, saved.error().text};
  }
  if (!problem.empty()) {
    Refusal refusal = co_await refuse(consent, problem, visitor);
    co_return refusal;
  }
  const auto rules = co_await parts_.engine.callback_rules(server);
  if (!rules) {
    co_await fail(consent, ConsentStatus::failed, consent_reason::unreachable);
    co_return handle;
  }
  auto judged = judge_callback(std::move(back.answer), *rules);
  if (const auto* wrong = std::get_if<CallbackProblem>(&judged)) {
    if (wrong->kind == CallbackProblem::Kind::mix_up) {
      const Refusal refusal = co_await refuse(consent, "iss", visitor);
      co_await fail(consent, ConsentStatus::failed, consent_reason::iss);
    } else if (wrong->kind == CallbackProblem::Kind::declined) {
      co_await fail(consent, ConsentStatus::declined, consent_reason::user_at_provider);
    } else {
      // Named: g++ 12 copies the temporary of a conditional bitwise into the coroutine's frame.
      std::string reason = consent_reason::of_provider(wrong->error);
      if (reason.empty()) reason = consent_reason::malformed_answer;
      co_await fail(consent, ConsentStatus::failed, std::move(reason));
    }
    co_return handle;
  }
  tasks_.spawn(redeem(consent, server, std::move(flow), std::move(std::get<Secret>(judged))));
  co_return handle;
}

Task<Bound<ConsentOutcome>> ConsentDesk::outcome(BrowserKey browser, std::string handle) {
  const ConsentRef consent = parts_.consents.by_handle(handle);
  if (consent == nullptr) co_return Refusal{Refusal::Kind::ticket, "unknown"};
  if (consent->binding != browser.binding) co_return foreign(*consent);
  const BrowserRef current = parts_.browsers.find(browser);
  if (current == nullptr || !current->user) co_return not_signed_in(parts_.browsers, browser);
  if (current->id != consent->handle_browser || !right_user(current, *consent)) {
    Refusal refusal = co_await refuse(consent, "handle", current);
    co_return refusal;
  }
  while (consent->status == ConsentStatus::redeeming)
    co_await parts_.consents.changed(parts_.loop, consent);
  ConsentOutcome outcome;
  outcome.outcome =
      consent->status == ConsentStatus::confirm ? "confirm" : std::string(word(consent->status));
  const ConsentPage page = page_of(*consent);
  outcome.workload = page.workload;
  outcome.provider = page.provider;
  outcome.account = consent->account_label;
  outcome.user = page.user;
  outcome.reason = consent->status_reason;
  if (outcome.outcome == "confirm" && consent->held) {
    const auto brought =
        co_await parts_.grants.bring_owner(consent->user, consent->context, consent->holder);
    if (!brought) co_return Refusal{Refusal::Kind::unavailable, brought.error().text};
  }
  if (outcome.outcome == "confirm" && consent->held) {
    for (const GrantRef& other :
         parts_.grants.find(consent->user, consent->context, consent->holder)) {
      if (!other->dead && other->account_id != consent->held->grant.account_id)
        outcome.other_accounts.push_back(other->account_label);
    }
  }
  for (const Ticket& ticket : consent->tickets) {
    if (ticket.hash == consent->handle_ticket && final(consent->status))
      outcome.next = return_location(ticket);
  }
  co_return outcome;
}

Task<Bound<std::string>> ConsentDesk::confirm(BrowserKey browser, std::string handle, bool accept) {
  Task<Bound<std::string>> task = take_confirmation(std::move(browser), std::move(handle), accept);
  auto done = co_await carry_on(tasks_, std::move(task));
  if (!done) co_return stopping();
  co_return std::move(*done);
}

Task<Bound<std::string>> ConsentDesk::take_confirmation(BrowserKey browser, std::string handle,
                                                        bool accept) {
  const ConsentRef consent = parts_.consents.by_handle(handle);
  if (consent == nullptr) co_return Refusal{Refusal::Kind::ticket, "unknown"};
  if (consent->binding != browser.binding) co_return foreign(*consent);
  const BrowserRef current = parts_.browsers.find(browser);
  if (current == nullptr || !current->user) co_return Refusal{Refusal::Kind::not_signed_in, ""};
  if (current->id != consent->handle_browser || !right_user(current, *consent)) {
    Refusal refusal = co_await refuse(consent, "handle", current);
    co_return refusal;
  }
  if (consent->status != ConsentStatus::confirm || !consent->held)
    co_return Refusal{Refusal::Kind::flow, "not_asked"};
  if (parts_.consents.over(*consent)) co_return Refusal{Refusal::Kind::ticket, "expired"};
  if (accept) {
    for (const Ticket& ticket : consent->tickets) {
      if (ticket.hash != consent->handle_ticket) continue;
      if (parts_.sessions.by_handle_hash(ticket.session) != nullptr) continue;
      if (!check_on(Check::session)) continue;
      Refusal refusal = co_await refuse(consent, "session", current);
      co_return refusal;
    }
    consent->status = ConsentStatus::redeeming;  // a second press finds nothing to confirm
    const auto granted = co_await grant(consent, false);
    if (!granted) co_return Refusal{Refusal::Kind::unavailable, granted.error().text};
  } else {
    co_await fail(consent, ConsentStatus::declined, consent_reason::wrong_account);
  }
  for (const Ticket& ticket : consent->tickets) {
    if (ticket.hash == consent->handle_ticket) co_return return_location(ticket);
  }
  co_return std::string();
}

}  // namespace reeve
