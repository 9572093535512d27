// GetToken, the method that the others are for.
#include "oauth/text.h"
#include "reeved/agent_methods.h"
#include "reeved/wire.h"

namespace reeve {
namespace {

constexpr std::string_view kInterface = "io.reeve.Agent";

varlink::Reply consent_required(const LendAsk& ask, const ConsentNeeded& needed) {
  return wire::failure("io.reeve.Agent.ConsentRequired", [&](JsonWriter& json) {
    json.member("provider", ask.provider).member("reason", needed.reason);
    if (!needed.url.empty()) json.member("url", needed.url);
    json.member("phrase", needed.phrase)
        .member("request", needed.request.reveal())
        .member("expires_at", needed.expires_at);
  });
}

varlink::Reply failed(const LendAsk& ask, const LendFailure& failure) {
  const auto with = [&](const char* name, const char* member, const std::string& value) {
    return wire::failure("io.reeve.Agent." + std::string(name), [&](JsonWriter& json) {
      json.member(member, value).member("retry_after", failure.retry_after);
    });
  };
  switch (failure.kind) {
    case LendFailure::Kind::denied: return wire::denied(failure.word);
    case LendFailure::Kind::session: return wire::session_invalid();
    case LendFailure::Kind::unknown_provider:
      return wire::failure("io.reeve.Agent.UnknownProvider",
                           [&](JsonWriter& json) { json.member("provider", ask.provider); });
    case LendFailure::Kind::provider:
      return wire::failure("io.reeve.Agent.ProviderFailed", [&](JsonWriter& json) {
        json.member("provider", ask.provider).member("error", failure.word);
        if (!failure.text.empty()) json.member("description", failure.text);
        json.member("retry_after", failure.retry_after);
      });
    case LendFailure::Kind::limit: return with("LimitReached", "limit", failure.word);
    case LendFailure::Kind::unavailable: break;
  }
  return wire::from_error(kInterface, Error{Code::internal, failure.text});
}

}  // namespace

varlink::Reply AgentMethods::lent(const Call& call, const LendAsk& ask, const Lent& lent) {
  const AccessToken& token = lent.token;
  const Grant& grant = *lent.grant;
  Event event;
  event.name = "token.lent";
  event.issuer = grant.user.issuer;
  event.subject = grant.user.subject;
  event.provider = ask.provider;
  event.resource = token.resource;
  event.scopes = &token.carried;
  event.grant = grant.id;
  event.account = grant.account_id;
  event.session = ask.session->id;
  event.token_hash = token.hash;
  event.outcome = "ok";
  event.rule = lent.rule;
  lent.grant->used_at = parts_.clock.unix_seconds();
  if (lent.grant->used_by != ask.session->workload) lent.grant->used_by = ask.session->workload;
  auto& holders = lent.grant->holders;
  // Once a caller asks often, without a copy of its names.
  if (!holders.empty() && holders.front().session == ask.session->id)
    holders.front().at = lent.grant->used_at;
  else note_holder(*lent.grant, {ask.session->workload, ask.session->id, lent.grant->used_at});
  parts_.grants.reveal_into(token.value, scratch_);
  Reply reply = wire::reply([&](JsonWriter& json) {
    json.key("token")
        .begin_object()
        .member("id", token.id)
        .member("access_token", scratch_)
        .member("token_type", token.token_type)
        .member("expires_at", parts_.clock.as_set(token.expires_at))
        .member("scopes", token.carried)
        .member("grant", grant.id);
    if (!grant.account_label.empty()) json.member("account", grant.account_label);
    json.end_object();
  });
  wipe(scratch_.data(), scratch_.size());
  return audited(call, event, std::move(reply));
}

Task<varlink::Reply> AgentMethods::get_token(Call& call) {
  LendAsk ask;
  ask.session = session_of(call);
  if (ask.session == nullptr) co_return no_session(call);
  const Json& parameters = call.parameters;
  ask.provider = parameters.text("provider");
  ask.scopes = parameters.strings("scopes");
  if (const Json* resource = parameters.find("resource");
      resource != nullptr && resource->string() != nullptr) {
    ask.resource = *resource->string();
  }
  ask.account = parameters.text("account");
  ask.min_valid = parameters.integer("min_valid").value_or(0);
  if (ask.min_valid < 0) co_return varlink::invalid_parameter("min_valid");
  ask.fresh = parameters.boolean("fresh").value_or(false);
  ask.return_url = parameters.text("return_url");
  ask.return_state = parameters.text("return_state");
  if (ask.return_state.size() > 1024) co_return varlink::invalid_parameter("return_state");
  ask.acr_values = parameters.strings("acr_values").value_or(std::vector<std::string>());
  for (const std::string& value : ask.acr_values) {
    if (!scope_token(value)) co_return varlink::invalid_parameter("acr_values");
  }
  ask.max_age = parameters.integer("max_age");
  if (ask.acr_values.size() > 16) co_return varlink::invalid_parameter("acr_values");
  if (ask.max_age && *ask.max_age < 0) co_return varlink::invalid_parameter("max_age");
  ask.actor = static_cast<AgentContext&>(*call.context).actor(parts_.setup.get());

  if (const auto cached = parts_.lender.lend_cached(ask)) co_return lent(call, ask, *cached);
  const auto place = wait_place(call);
  if (place == nullptr) co_return wire::too_many_waiting(kInterface);
  // The frame of the coroutine keeps a copy: the actor's text may be rendered anew by a reload.
  const std::string actor(ask.actor);
  LendAsk slow = ask;
  slow.actor = actor;
  const LendOutcome outcome = co_await parts_.lender.lend(std::move(slow));
  if (const auto* found = std::get_if<Lent>(&outcome)) co_return lent(call, ask, *found);
  if (const auto* needed = std::get_if<ConsentNeeded>(&outcome))
    co_return consent_required(ask, *needed);
  co_return failed(ask, std::get<LendFailure>(outcome));
}

}  // namespace reeve
