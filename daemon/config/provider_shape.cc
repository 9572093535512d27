#include "config/provider_shape.h"

#include <algorithm>
#include <array>

#include "config/plain_url.h"
#include "config/text_rules.h"

namespace reeve {
namespace {

using Words = std::initializer_list<std::pair<std::string_view, std::string>>;

constexpr TextRule host_rule{[](const std::string& text) { return is_host_pattern(text); },
                             "a host name in lower case without port, or \"*.example.com\""};
constexpr TextRule reason_rule{
    [](const std::string& text) { return is_one_line(text) && text.size() >= 20; },
    "the reason in words, of one line"};
constexpr TextRule offline_scope_rule{
    [](const std::string& text) { return text.empty() || is_scope_token(text); },
    "a scope, or \"\""};
constexpr TextRule answer_rule{
    [](const std::string& text) { return text.empty() || is_json_pointer(text); },
    "a JSON pointer such as \"/data\", or \"\""};

std::optional<char> read_separator(TableReader& reader, const char* key) {
  return reader.choice<char>(key, {{" ", ' '}, {",", ','}});
}

// An empty value takes a parameter of the preset away (RFC 6749 section 3.2: empty is absent).
void read_params(TableReader& reader, const char* key, std::map<std::string, std::string>& params) {
  const auto pairs = reader.pairs(key);
  if (!pairs) return;
  for (const auto& [name, value] : *pairs) {
    if (is_protocol_parameter(name)) {
      reader.error(key, "\"" + name + "\" is a parameter of the protocol itself");
    } else if (!is_scope_token(name) || (!value.empty() && !is_one_line(value))) {
      reader.error(key, "\"" + name + "\": expected plain texts of one line");
    } else if (value.empty()) {
      params.erase(name);
    } else {
      params[name] = value;
    }
  }
}

void read_url(TableReader& reader, const char* key, bool loopback_http, std::string& url) {
  const auto text = reader.text(key);
  if (!text) return;
  // The one variable there is; it never stands in the host.
  std::string plain = *text;
  const size_t variable = plain.find("{client_id}");
  if (std::string_view(key) == "url" && variable != std::string::npos) {
    plain.erase(variable, 11);
  }
  const std::string fault = url_fault(plain, {loopback_http, true});
  if (fault.empty()) {
    url = *text;
  } else {
    reader.error(key, fault);
  }
}

void read_endpoints(TableReader& reader, bool loopback_http, EndpointsConfig& endpoints) {
  auto table = reader.table("endpoints");
  if (!table) return;
  table->require("authorization", "the authorization endpoint's URL");
  table->require("token", "the token endpoint's URL");
  endpoints = EndpointsConfig();
  const std::pair<const char*, std::string*> members[] = {
      {"authorization", &endpoints.authorization},
      {"token", &endpoints.token},
      {"userinfo", &endpoints.userinfo},
      {"revocation", &endpoints.revocation},
      {"pushed_authorization", &endpoints.pushed_authorization},
      {"jwks", &endpoints.jwks}};
  for (const auto& [key, url] : members) read_url(*table, key, loopback_http, *url);
  table->finish();
}

// One of issuer and endpoints; whoever writes one of them replaces what the preset said of both.
void read_place(TableReader& reader, bool loopback_http, ProviderShape& shape) {
  if (reader.has("issuer") || reader.has("endpoints")) {
    shape.issuer.clear();
    shape.endpoints = EndpointsConfig();
    shape.hosts.clear();
  }
  if (reader.has("issuer") && reader.has("endpoints")) {
    // RFC 8414: once there is metadata, endpoints come from nowhere else.
    reader.error("endpoints", "expected either issuer or endpoints, not both");
  }
  TableReader::set(shape.issuer, read_issuer_url(reader, loopback_http));
  read_endpoints(reader, loopback_http, shape.endpoints);
  TableReader::set(shape.hosts, reader.texts("hosts", host_rule));
  TableReader::set(shape.iss_expected, reader.boolean("iss_expected"));
}

void read_request(TableReader& reader, const ProviderDraft& draft) {
  ProviderShape& shape = draft.provider.shape;
  TableReader::set(draft.provider.client.client_auth, read_client_auth(reader));
  TableReader::set(draft.provider.client.raw_basic, reader.boolean("raw_basic"));
  TableReader::set(shape.pkce_off, reader.text("pkce_off", reason_rule));
  TableReader::set(shape.scope_separator, read_separator(reader, "scope_separator"));
  read_params(reader, draft.preset ? "authorize" : "params", shape.params);
  auto offline = reader.table("offline");
  if (!offline) return;
  TableReader::set(shape.offline_scope, offline->text("scope", offline_scope_rule));
  read_params(*offline, "params", shape.offline_params);
  offline->finish();
}

void read_answer(TableReader& reader, ProviderShape& shape) {
  TableReader::set(shape.granted_separator, read_separator(reader, "granted_separator"));
  const Words rotations{{"none", "none"}, {"grace", "grace"}, {"strict", "strict"}};
  TableReader::set(shape.rotation, reader.choice<std::string>("rotation", rotations));
  const Words absent{{"never", "never"}, {"on_401", "on_401"}, {"assume", "assume"}};
  TableReader::set(shape.expires_absent, reader.choice<std::string>("expires_absent", absent));
  TableReader::set(shape.assume_seconds,
                   reader.integer("assume_seconds", 60, int64_t{366} * 86400));
  TableReader::set(shape.answer_at, reader.text("answer_at", answer_rule));
  const auto names = reader.pairs("scope_names");
  if (!names) return;
  shape.scope_names.clear();
  for (const auto& [granted, asked] : *names) {
    if (is_scope_token(granted) && is_scope_token(asked)) {
      shape.scope_names[granted] = asked;
    } else {
      reader.expected("scope_names", "scopes: \"granted name\" = \"asked name\"");
    }
  }
}

void read_account(TableReader& reader, const ProviderDraft& draft) {
  ProviderShape& shape = draft.provider.shape;
  const Words sources{{"userinfo", "userinfo"}, {"id_token", "id_token"}, {"none", "none"}};
  const TomlNode* node = reader.take("account");
  if (node && !draft.preset && !node->table()) {
    TableReader::set(shape.account_source, reader.choice<std::string>("account", sources));
    return;
  }
  auto table = reader.table("account");
  if (!table) return;
  TableReader::set(shape.account_source, table->choice<std::string>("source", sources));
  TableReader::set(shape.account_scopes, table->texts("scopes", scope_rule));
  TableReader::set(shape.account_id, table->text("id", pointer_rule));
  TableReader::set(shape.account_label, table->texts("label", pointer_rule));
  table->finish();
}

void read_revocation(TableReader& reader, bool loopback_http, ProviderShape& shape) {
  auto table = reader.table("revocation");
  if (!table) return;
  const Words kinds{{"none", "none"}, {"rfc7009", "rfc7009"}, {"json_delete", "json_delete"}};
  shape.revocation_url.clear();
  TableReader::set(shape.revocation, table->choice<std::string>("kind", kinds));
  read_url(*table, "url", loopback_http, shape.revocation_url);
  if ((shape.revocation == "json_delete") != table->has("url")) {
    table->error("url", "expected with kind = \"json_delete\", and only there");
  }
  table->finish();
}

}  // namespace

bool is_protocol_parameter(const std::string& name) {
  constexpr std::array reserved{"client_id",     "client_secret", "redirect_uri", "response_type",
                                "response_mode", "state",         "nonce",        "iss",
                                "scope",         "resource",      "dpop_jkt",     "max_age",
                                "id_token_hint", "request",       "request_uri",  "code",
                                "code_verifier", "error",         "grant_type",   "refresh_token",
                                "access_token",  "id_token",      "username",     "password"};
  return name.starts_with("code_challenge") || name.starts_with("client_assertion") ||
         std::find(reserved.begin(), reserved.end(), name) != reserved.end();
}

void read_provider_shape(TableReader& reader, ProviderDraft& draft) {
  ProviderShape& shape = draft.provider.shape;
  // What a preset says of URLs does not depend on what the operator permits here.
  const bool loopback_http = !draft.preset && draft.provider.client.loopback_http;
  TableReader::set(shape.display_name, reader.text("name", line_rule));
  read_place(reader, loopback_http, shape);
  read_request(reader, draft);
  read_answer(reader, shape);
  read_account(reader, draft);
  read_revocation(reader, loopback_http, shape);
}

}  // namespace reeve
