#include "oauth/server.h"

#include "base/encoding.h"
#include "base/fd.h"
#include "crypto/hash.h"
#include "oauth/pointer.h"

namespace reeve {
namespace {

constexpr size_t kKeysBytes = size_t{256} * 1024;

Parameters pairs(const std::map<std::string, std::string>& map) { return {map.begin(), map.end()}; }

// The configuration's words, checked there, as this layer's values.
Preset preset_of(const ProviderShape& shape) {
  Preset preset;
  preset.name = shape.display_name;
  preset.issuer = shape.issuer;
  const EndpointsConfig& ends = shape.endpoints;
  preset.endpoints = {ends.authorization,        ends.token, ends.userinfo, ends.revocation,
                      ends.pushed_authorization, ends.jwks};
  preset.hosts = shape.hosts;
  preset.iss_expected = shape.iss_expected;
  preset.scope_separator = shape.scope_separator;
  preset.granted_separator = shape.granted_separator;
  preset.rotation = shape.rotation == "none"    ? Rotation::none
                    : shape.rotation == "grace" ? Rotation::grace
                                                : Rotation::strict;
  preset.expires_absent = shape.expires_absent == "never"    ? ExpiresAbsent::never
                          : shape.expires_absent == "assume" ? ExpiresAbsent::assume
                                                             : ExpiresAbsent::on_401;
  preset.assume_seconds = shape.assume_seconds;
  preset.answer_at = shape.answer_at;
  preset.pkce_off = shape.pkce_off;
  preset.authorize = pairs(shape.params);
  preset.offline_scope = shape.offline_scope;
  preset.offline_params = pairs(shape.offline_params);
  preset.account.source = shape.account_source == "userinfo"   ? AccountSource::userinfo
                          : shape.account_source == "id_token" ? AccountSource::id_token
                                                               : AccountSource::none;
  preset.account.scopes = shape.account_scopes;
  preset.account.id = shape.account_id;
  preset.account.label = shape.account_label;
  preset.scope_names = shape.scope_names;
  preset.revocation = shape.revocation == "none"          ? RevocationKind::none
                      : shape.revocation == "json_delete" ? RevocationKind::json_delete
                                                          : RevocationKind::rfc7009;
  preset.revocation_url = shape.revocation_url;
  return preset;
}

// 128 bits of a hash of all that must be the same for a grant to mean the same thing.
// `role`: an issuer of users shares nothing with a provider, be it the same server and client.
std::string context_of(const Server& server, std::string_view role) {
  const Endpoints& endpoints = server.preset.endpoints;
  return base64url(
      sha256(length_prefixed({"reeve-context-v1", role, server.issuer, endpoints.authorization,
                              endpoints.token, server.client.client_id, server.preset.name}))
          .substr(0, 16));
}

void set_client(Server& server, const ClientConfig& config, const Secret& secret,
                std::shared_ptr<HttpClient> http) {
  server.client.client_id = config.client_id;
  server.client_secret = KeptSecret(secret);
  server.client.raw_basic = config.raw_basic;
  if (config.client_auth == "basic") server.client_auth = ClientAuth::basic;
  if (config.client_auth == "post") server.client_auth = ClientAuth::post;
  if (config.client_auth == "none") server.client_auth = ClientAuth::none;
  server.form_post = config.form_post;
  server.loopback_http = config.loopback_http;
  server.http = std::move(http);
}

}  // namespace

Result<ServerRef> issuer_server(const IssuerConfig& config, Secret client_secret,
                                std::shared_ptr<HttpClient> http) {
  auto server = std::make_shared<Server>();
  server->name = config.name;
  server->display_name = config.name;
  server->issuer = config.issuer;
  server->preset.name = config.name;
  server->preset.issuer = config.issuer;
  set_client(*server, config.client, client_secret, std::move(http));
  server->algorithms = known_algorithms(config.algorithms);
  server->subject_claim = config.subject_claim;
  server->max_age = config.max_age;
  server->prompt = config.prompt;
  server->acr_values = config.acr_values;
  server->scopes = config.scopes;
  if (!config.jwks_file.empty()) {
    REEVE_TRY(server->pinned_keys, read_file(config.jwks_file, kKeysBytes));
  }
  server->context = context_of(*server, "issuer");
  return ServerRef(server);
}

Result<ServerRef> provider_server(const ProviderConfig& config, Secret client_secret,
                                  std::shared_ptr<HttpClient> http) {
  auto server = std::make_shared<Server>();
  server->name = config.name;
  server->display_name = config.shape.display_name;
  server->issuer = config.shape.issuer;
  server->preset = preset_of(config.shape);
  set_client(*server, config.client, client_secret, std::move(http));
  server->algorithms = known_algorithms({"RS256", "PS256", "ES256", "ES384", "EdDSA"});
  server->account_match = config.account_match;
  server->match_claim = config.match_claim;
  if (config.account_match == AccountMatch::claim) {
    server->preset.account.match =
        config.match_account.empty() ? pointer_to(config.match_claim) : config.match_account;
  }
  server->account_domains = config.account_domains;
  server->login_hint = config.login_hint;
  REEVE_CHECK(check_preset(server->preset, server->loopback_http));
  server->context = context_of(*server, "provider");
  return ServerRef(server);
}

}  // namespace reeve
