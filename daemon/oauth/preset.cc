#include "oauth/preset.h"

#include <algorithm>
#include <array>

#include "oauth/pointer.h"
#include "oauth/text.h"
#include "oauth/url.h"

namespace reeve {
namespace {

constexpr size_t kReasonBytes = 20;  // of pkce_off: "none" is no reason
constexpr size_t kParameterBytes = 1024;

Error refusal(std::string text) { return {Code::invalid, std::move(text)}; }

Result<void> check_url(const char* name, const std::string& text, const Preset& preset,
                       bool loopback_http) {
  if (text.empty()) return {};
  const auto url = parse_endpoint(text, loopback_http);
  if (!url) return in(name, url.error());
  if (host_allowed(*url, preset.hosts)) return {};
  return refusal(std::string(name) + ": its host is not among hosts");
}

Result<void> check_urls(const Preset& preset, bool loopback_http) {
  const Endpoints& urls = preset.endpoints;
  const std::array<std::pair<const char*, const std::string*>, 8> all = {
      {{"issuer", &preset.issuer},
       {"endpoints.authorization", &urls.authorization},
       {"endpoints.token", &urls.token},
       {"endpoints.userinfo", &urls.userinfo},
       {"endpoints.revocation", &urls.revocation},
       {"endpoints.pushed_authorization", &urls.pushed_authorization},
       {"endpoints.jwks", &urls.jwks},
       {"revocation.url", &preset.revocation_url}}};
  bool any = false;
  for (const auto& [name, text] : all) {
    const bool endpoint = text != &preset.issuer && text != &preset.revocation_url;
    any = any || (endpoint && !text->empty());
    // The variable part of a URL is never its host.
    std::string plain = *text;
    const size_t brace = plain.find("{client_id}");
    if (text == &preset.revocation_url && brace != plain.npos) plain.replace(brace, 11, "x");
    REEVE_CHECK(check_url(name, plain, preset, loopback_http));
  }
  if (!preset.issuer.empty()) {
    const auto issuer = parse_issuer(preset.issuer, loopback_http);
    if (!issuer) return in("issuer", issuer.error());
    if (any) return refusal("issuer and endpoints: one of them");
  } else if (any && (urls.authorization.empty() || urls.token.empty())) {
    return refusal("endpoints: authorization and token belong together");
  }
  return {};
}

Result<void> check_parameters(const char* table, const Parameters& parameters) {
  for (const auto& [name, value] : parameters) {
    if (!visible_text(name, 64) || !visible_text(value, kParameterBytes)) {
      return refusal(std::string(table) + ": a name or value that is no plain text");
    }
    if (reserved_parameter(name)) {
      return refusal(std::string(table) + "." + name + ": set by the protocol itself");
    }
  }
  return {};
}

Result<void> check_account(const Preset& preset) {
  const AccountRules& account = preset.account;
  if (!valid_pointer(account.id) || account.id.empty()) return refusal("account.id: no pointer");
  for (const std::string& label : account.label) {
    if (!valid_pointer(label) || label.empty()) return refusal("account.label: no pointer");
  }
  const bool by_endpoints = !preset.endpoints.token.empty();
  if (account.source == AccountSource::userinfo && by_endpoints &&
      preset.endpoints.userinfo.empty()) {
    return refusal("account.source: there is no endpoints.userinfo");
  }
  if (account.source == AccountSource::id_token && by_endpoints) {
    return refusal("account.source: ID tokens need an issuer");
  }
  return {};
}

Result<void> check_scopes(const Preset& preset) {
  for (const char separator : {preset.scope_separator, preset.granted_separator}) {
    if (separator != ' ' && separator != ',') return refusal("scope separators are ' ' or ','");
  }
  for (const std::string& scope : preset.account.scopes) {
    if (!scope_token(scope)) return refusal("account.scopes: no scope");
  }
  if (!preset.offline_scope.empty() && !scope_token(preset.offline_scope)) {
    return refusal("offline.scope: no scope");
  }
  for (const auto& [granted, asked] : preset.scope_names) {
    if (!scope_token(granted) || !scope_token(asked)) return refusal("scope_names: no scope");
  }
  return {};
}

}  // namespace

Result<void> check_preset(const Preset& preset, bool loopback_http) {
  for (const std::string& host : preset.hosts) {
    if (!valid_host_pattern(host)) return refusal("hosts: no host");
  }
  REEVE_CHECK(check_urls(preset, loopback_http));
  REEVE_CHECK(check_parameters("authorize", preset.authorize));
  REEVE_CHECK(check_parameters("offline.params", preset.offline_params));
  REEVE_CHECK(check_scopes(preset));
  REEVE_CHECK(check_account(preset));
  if (!preset.pkce_off.empty() && preset.pkce_off.size() < kReasonBytes) {
    return refusal("pkce_off: a reason in words");
  }
  if (!valid_pointer(preset.answer_at)) return refusal("answer_at: no pointer");
  if ((preset.expires_absent == ExpiresAbsent::assume) != (preset.assume_seconds > 0)) {
    return refusal("assume_seconds goes with expires_absent = \"assume\"");
  }
  if ((preset.revocation == RevocationKind::json_delete) == preset.revocation_url.empty()) {
    return refusal("revocation.url goes with kind = \"json_delete\"");
  }
  return {};
}

bool reserved_parameter(std::string_view name) {
  static constexpr std::array<std::string_view, 28> names = {"client_id",
                                                             "client_secret",
                                                             "client_assertion",
                                                             "client_assertion_type",
                                                             "redirect_uri",
                                                             "response_type",
                                                             "response_mode",
                                                             "state",
                                                             "nonce",
                                                             "code_challenge",
                                                             "scope",
                                                             "code_challenge_method",
                                                             "request",
                                                             "request_uri",
                                                             "iss",
                                                             "resource",
                                                             "dpop_jkt",
                                                             "max_age",
                                                             "id_token_hint",
                                                             "code",
                                                             "code_verifier",
                                                             "grant_type",
                                                             "refresh_token",
                                                             "access_token",
                                                             "id_token",
                                                             "error",
                                                             "username",
                                                             "password"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace reeve
