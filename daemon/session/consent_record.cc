#include "session/consent_record.h"

#include "base/encoding.h"
#include "session/grant_record.h"

namespace reeve {
namespace {

void write_tickets(JsonWriter& json, const Consent& consent) {
  json.key("tickets").begin_array();
  for (const Ticket& ticket : consent.tickets) {
    json.begin_object()
        .member("hash", hex(ticket.hash))
        .member("session", hex(ticket.session))
        .member("browser", ticket.browser)
        .member("return_url", ticket.return_url)
        .member("return_state", ticket.return_state)
        .end_object();
  }
  json.end_array().key("requests").begin_array();
  for (const std::string& request : consent.requests) json.string(hex(request));
  json.end_array();
}

void write_flows(JsonWriter& json, const Consent& consent) {
  json.key("flows").begin_array();
  for (const ConsentFlow& flow : consent.flows) {
    json.begin_object()
        .member("ticket", hex(flow.ticket))
        .member("session", hex(flow.session))
        .member("issuer", flow.issuer)
        .key("flow");
    write_flow(json, flow.flow);
    json.end_object();
  }
  json.end_array();
}

void write_held(JsonWriter& json, const HeldGrant& held) {
  json.key("held").begin_object().key("grant").raw(
      write_grant(held.grant, held.refresh_token.reveal()).reveal());
  json.key("tokens").begin_array();
  for (const NewToken& token : held.tokens) {
    AccessToken plain;
    plain.id = "held";
    plain.resource = token.resource;
    plain.scopes = token.scopes;
    plain.carried = token.carried;
    plain.token_type = token.token_type;
    plain.issued_at = token.issued_at;
    plain.expires_at = token.expires_at;
    json.raw(write_token("held", plain, token.value.reveal()).reveal());
  }
  json.end_array().end_object();
}

void read_pointers(Json& json, Consent& consent) {
  for (auto& [name, value] : *json.object()) {
    if (value.array() == nullptr) continue;
    for (Json& entry : *value.array()) {
      if (name == "requests" && entry.string() != nullptr) {
        consent.requests.push_back(hex_decode(*entry.string()).value_or(""));
      } else if (name == "tickets") {
        consent.tickets.push_back({hex_decode(entry.text("hash")).value_or(""),
                                   hex_decode(entry.text("session")).value_or(""),
                                   entry.text("browser"), entry.text("return_url"),
                                   entry.text("return_state")});
      } else if (name == "flows" && entry.object() != nullptr) {
        ConsentFlow flow;
        flow.ticket = hex_decode(entry.text("ticket")).value_or("");
        flow.session = hex_decode(entry.text("session")).value_or("");
        flow.issuer = entry.text("issuer");
        for (auto& member : *entry.object()) {
          if (member.first != "flow") continue;
          if (auto read = read_flow(member.second)) flow.flow = std::move(*read);
        }
        consent.flows.push_back(std::move(flow));
      }
    }
  }
}

void write_redemption(JsonWriter& json, const Redemption& redemption) {
  json.key("redemption")
      .begin_object()
      .member("id", redemption.id)
      .member("epoch", redemption.epoch)
      .member("code", redemption.code.reveal())
      .member("code_verifier", redemption.code_verifier.reveal())
      .member("redirect_uri", redemption.redirect_uri)
      .member("nonce", redemption.nonce)
      .end_object();
}

Redemption read_redemption(const Json& json) {
  Redemption redemption;
  redemption.id = json.text("id");
  redemption.epoch = json.text("epoch");
  redemption.code = Secret::copy_of(json.text("code"));
  redemption.code_verifier = Secret::copy_of(json.text("code_verifier"));
  redemption.redirect_uri = json.text("redirect_uri");
  redemption.nonce = json.text("nonce");
  return redemption;
}

Result<HeldGrant> read_held(const Json& json) {
  HeldGrant held;
  const Json* grant = json.find("grant");
  const Json* tokens = json.find("tokens");
  if (grant == nullptr || tokens == nullptr || tokens->array() == nullptr) {
    return Error{Code::corrupt, "a consent's record"};
  }
  REEVE_TRY(GrantOfRecord read, read_grant(Secret(to_text(*grant))));
  held.grant = std::move(read.grant);
  held.refresh_token = std::move(read.refresh_token);
  for (const Json& entry : *tokens->array()) {
    REEVE_TRY(TokenOfRecord token, read_token(Secret(to_text(entry))));
    held.tokens.push_back(std::move(token.token));
  }
  return held;
}

constexpr ConsentStatus kStatuses[] = {ConsentStatus::pending,  ConsentStatus::redeeming,
                                       ConsentStatus::confirm,  ConsentStatus::granted,
                                       ConsentStatus::declined, ConsentStatus::refused,
                                       ConsentStatus::expired,  ConsentStatus::failed};

}  // namespace

Secret write_consent(const Consent& consent) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("id", consent.id).key("user");
  write_user(json, consent.user);
  json.member("issuer", consent.issuer)
      .member("binding", consent.binding)
      .member("workload", consent.workload)
      .member("holder", consent.holder)
      .member("provider", consent.provider)
      .member("context", consent.context)
      .member("scopes", consent.scopes)
      .member("resource", consent.resource)
      .member("acr_values", consent.acr_values)
      .member("max_age", consent.max_age)
      .member("asked_by", consent.asked_by)
      .member("reason", consent.reason)
      .member("phrase", consent.phrase)
      .member("boot", consent.lifetime.boot)
      .member("deadline", consent.lifetime.deadline)
      .member("expires_at", consent.expires_at)
      .member("status", static_cast<int64_t>(consent.status))
      .member("status_reason", consent.status_reason)
      .member("wrong_users", static_cast<int64_t>(consent.wrong_users))
      .member("handle", consent.handle.reveal())
      .member("handle_hash", hex(consent.handle_hash))
      .member("handle_browser", consent.handle_browser)
      .member("handle_ticket", hex(consent.handle_ticket))
      .member("account_label", consent.account_label);
  write_tickets(json, consent);
  write_flows(json, consent);
  if (consent.held) write_held(json, *consent.held);
  if (consent.redemption) write_redemption(json, *consent.redemption);
  json.end_object();
  return Secret(std::move(text));
}

Result<Consent> read_consent(const Secret& plain) {
  REEVE_TRY(Json json, parse_json(plain.reveal(), record_limits));
  Consent consent;
  const auto user = read_user(json.find("user"));
  const int64_t status = json.integer("status").value_or(-1);
  if (!user || json.text("id").empty() || status < 0 || status >= int64_t{std::size(kStatuses)}) {
    return Error{Code::corrupt, "a consent's record"};
  }
  consent.id = json.text("id");
  consent.user = *user;
  consent.issuer = json.text("issuer");
  consent.binding = json.text("binding");
  consent.workload = json.text("workload");
  consent.holder = json.text("holder");
  consent.provider = json.text("provider");
  consent.context = json.text("context");
  consent.scopes = json.strings("scopes").value_or(std::vector<std::string>());
  consent.resource = json.text("resource");
  consent.acr_values = json.strings("acr_values").value_or(std::vector<std::string>());
  consent.max_age = json.integer("max_age");
  consent.asked_by = json.text("asked_by");
  consent.reason = json.text("reason");
  consent.phrase = json.text("phrase");
  consent.lifetime = {json.text("boot"), json.integer("deadline").value_or(0)};
  consent.expires_at = json.integer("expires_at").value_or(0);
  consent.status = kStatuses[status];
  consent.status_reason = json.text("status_reason");
  consent.wrong_users = static_cast<int>(json.integer("wrong_users").value_or(0));
  consent.handle = Secret::copy_of(json.text("handle"));
  consent.handle_hash = hex_decode(json.text("handle_hash")).value_or("");
  consent.handle_browser = json.text("handle_browser");
  consent.handle_ticket = hex_decode(json.text("handle_ticket")).value_or("");
  consent.account_label = json.text("account_label");
  read_pointers(json, consent);
  if (const Json* held = json.find("held")) {
    REEVE_TRY(consent.held, read_held(*held));
  }
  if (const Json* redemption = json.find("redemption"))
    consent.redemption = read_redemption(*redemption);
  return consent;
}

}  // namespace reeve
