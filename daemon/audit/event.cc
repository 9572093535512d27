#include "audit/event.h"

#include "base/json_writer.h"

namespace reeve {

std::string render_actor(const AuditActor& actor) {
  std::string text;
  JsonWriter json(text);
  json.member("socket", actor.socket);
  if (!actor.workload.empty()) json.member("workload", actor.workload);
  json.key("peer").begin_object();
  for (const auto& [name, value] : actor.evidence) json.member(name, value);
  json.end_object();
  return text;
}

std::string render_event(const Event& event, int64_t unix_seconds, uint64_t sequence) {
  std::string text;
  JsonWriter json(text);
  const auto member = [&json](std::string_view name, std::string_view value) {
    if (!value.empty()) json.member(name, value);
  };
  json.begin_object();
  json.member("time", unix_seconds).member("sequence", static_cast<int64_t>(sequence));
  json.member("event", event.name);
  if (!event.actor.empty()) json.raw(event.actor);
  if (!event.issuer.empty()) {
    json.key("user").begin_object();
    json.member("issuer", event.issuer).member("subject", event.subject).end_object();
  }
  member("workload", event.workload);
  member("provider", event.provider);
  if (event.scopes != nullptr) json.member("scopes", *event.scopes);
  member("resource", event.resource);
  member("consent", event.consent);
  member("grant", event.grant);
  member("account", event.account);
  member("session", event.session);
  member("token_hash", event.token_hash);
  member("browser", event.browser);
  if (!event.visitor_issuer.empty()) {
    json.key("visitor").begin_object();
    json.member("issuer", event.visitor_issuer).member("subject", event.visitor_subject);
    json.end_object();
  }
  member("outcome", event.outcome);
  member("rule", event.rule);
  member("reason", event.reason);
  if (!event.receipt.empty()) json.key("receipt").raw(event.receipt);
  return text;
}

}  // namespace reeve
