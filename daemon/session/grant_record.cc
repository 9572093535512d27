#include "session/grant_record.h"

namespace reeve {

Secret write_grant(const Grant& grant, std::string_view refresh_token) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("id", grant.id).key("user");
  write_user(json, grant.user);
  json.member("context", grant.context)
      .member("provider", grant.provider)
      .member("account_id", grant.account_id)
      .member("account_label", grant.account_label)
      .member("holder", grant.holder)
      .member("workload", grant.workload)
      .member("issuer", grant.issuer)
      .member("client_id", grant.client_id)
      .member("requested", grant.requested)
      .member("granted", grant.granted)
      .member("declined", grant.declined)
      .member("resources", grant.resources)
      .member("dead", grant.dead)
      .member("dead_reason", grant.dead_reason)
      .member("acr", grant.acr)
      .member("auth_time", grant.auth_time)
      .member("created_at", grant.created_at)
      .member("used_at", grant.used_at)
      .member("refresh_token", refresh_token)
      .end_object();
  return Secret(std::move(text));
}

Result<GrantOfRecord> read_grant(const Secret& plain) {
  REEVE_TRY(Json json, parse_json(plain.reveal(), record_limits));
  GrantOfRecord read;
  const auto user = read_user(json.find("user"));
  if (!user || json.text("id").empty()) return Error{Code::corrupt, "a grant's record"};
  read.grant.id = json.text("id");
  read.grant.user = *user;
  read.grant.context = json.text("context");
  read.grant.provider = json.text("provider");
  read.grant.account_id = json.text("account_id");
  read.grant.account_label = json.text("account_label");
  read.grant.holder = json.text("holder");
  read.grant.workload = json.text("workload");
  read.grant.issuer = json.text("issuer");
  read.grant.client_id = json.text("client_id");
  read.grant.requested = json.strings("requested").value_or(std::vector<std::string>());
  read.grant.granted = json.strings("granted").value_or(std::vector<std::string>());
  read.grant.declined = json.strings("declined").value_or(std::vector<std::string>());
  read.grant.resources = json.strings("resources").value_or(std::vector<std::string>());
  read.grant.dead = json.boolean("dead").value_or(false);
  read.grant.dead_reason = json.text("dead_reason");
  read.grant.acr = json.text("acr");
  read.grant.auth_time = json.integer("auth_time");
  read.grant.created_at = json.integer("created_at").value_or(0);
  read.grant.used_at = json.integer("used_at").value_or(0);
  read.refresh_token = Secret(json.take_text("refresh_token"));
  return read;
}

Secret write_token(const std::string& grant, const AccessToken& token, std::string_view value) {
  std::string text;
  JsonWriter(text)
      .begin_object()
      .member("grant", grant)
      .member("id", token.id)
      .member("resource", token.resource)
      .member("scopes", token.scopes)
      .member("carried", token.carried)
      .member("token_type", token.token_type)
      .member("issued_at", token.issued_at)
      .member("expires_at", token.expires_at)
      .member("value", value)
      .end_object();
  return Secret(std::move(text));
}

Result<TokenOfRecord> read_token(const Secret& plain) {
  REEVE_TRY(Json json, parse_json(plain.reveal(), record_limits));
  TokenOfRecord read;
  read.grant = json.text("grant");
  read.id = json.text("id");
  read.token.resource = json.text("resource");
  read.token.scopes = json.strings("scopes").value_or(std::vector<std::string>());
  read.token.carried = json.strings("carried").value_or(std::vector<std::string>());
  read.token.token_type = json.text("token_type");
  read.token.issued_at = json.integer("issued_at").value_or(0);
  read.token.expires_at = json.integer("expires_at");
  read.token.value = Secret(json.take_text("value"));
  if (read.grant.empty() || read.id.empty() || read.token.value.empty()) {
    return Error{Code::corrupt, "an access token's record"};
  }
  return read;
}

}  // namespace reeve
