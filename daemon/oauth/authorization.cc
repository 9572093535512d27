#include "oauth/authorization.h"

#include <algorithm>

#include "oauth/lifetime.h"
#include "oauth/text.h"

namespace reeve {
namespace {

constexpr size_t kRequestUriBytes = 2048;
constexpr size_t kUrlBytes = 8192;  // what browsers and servers take without trouble

Error refusal(std::string text) { return {Code::invalid, std::move(text)}; }

bool has(const std::vector<std::string>& list, std::string_view value) {
  return std::find(list.begin(), list.end(), value) != list.end();
}

Result<std::string> scope_value(const std::vector<std::string>& scopes, char separator) {
  std::string text;
  for (const std::string& scope : scopes) {
    if (!scope_token(scope) || scope.find(separator) != scope.npos) return refusal("not a scope");
    if (!text.empty()) text += separator;
    text += scope;
  }
  return text;
}

// The words of both, each once. "none" goes with no other (OpenID Connect Core section 3.1.2.1).
Result<std::string> prompt_value(std::string_view asked, const Parameters& further) {
  std::string all(asked);
  for (const auto& [name, value] : further) {
    if (name == "prompt") all += " " + value;
  }
  const auto words = split_scopes(all, ' ');
  if (!words) return refusal("not a prompt");
  if (words->size() > 1 && has(*words, "none")) return refusal("prompt none goes with no other");
  return scope_value(*words, ' ');
}

void add(Parameters& parameters, const char* name, const std::string& value) {
  if (!value.empty()) parameters.emplace_back(name, value);
}

bool named(const Parameters& parameters, std::string_view name) {
  return std::any_of(parameters.begin(), parameters.end(),
                     [&](const auto& parameter) { return parameter.first == name; });
}

Result<void> check_ask(const AuthorizationAsk& ask, const Preset& preset) {
  if (ask.client_id.empty() || ask.redirect_uri.empty() || ask.state.empty()) {
    return refusal("client_id, redirect_uri and state are needed");
  }
  if (ask.code_challenge.empty() == preset.pkce_off.empty()) {
    return refusal("PKCE: always, but where the preset has it off");
  }
  // Only an OpenID request brings an ID token, and only a nonce ties it to this flow.
  if (has(ask.scopes, "openid") == ask.nonce.empty()) {
    return refusal("a nonce goes with the scope openid");
  }
  for (const std::string& resource : ask.resources) {
    if (!resource_indicator(resource)) return refusal("not a resource");
  }
  return {};
}

}  // namespace

std::vector<std::string> scopes_to_ask(const Preset& preset, const ServerMetadata& metadata,
                                       const std::vector<std::string>& wanted) {
  std::vector<std::string> scopes;
  const auto take = [&](const std::string& scope) {
    if (!scope.empty() && !has(scopes, scope)) scopes.push_back(scope);
  };
  const auto take_if_known = [&](const std::string& scope) {
    const bool known = metadata.scopes.empty() || has(metadata.scopes, scope);
    if (known || scope == "openid") take(scope);
  };
  for (const std::string& scope : wanted) take(scope);
  for (const std::string& scope : preset.account.scopes) take_if_known(scope);
  take_if_known(preset.offline_scope);
  return scopes;
}

Result<Parameters> authorization_parameters(const AuthorizationAsk& ask, const Preset& preset) {
  REEVE_CHECK(check_ask(ask, preset));
  Parameters further = preset.authorize;
  if (ask.offline) {
    further.insert(further.end(), preset.offline_params.begin(), preset.offline_params.end());
  }
  REEVE_TRY(const std::string scope, scope_value(ask.scopes, preset.scope_separator));
  REEVE_TRY(const std::string prompt, prompt_value(ask.prompt, further));
  Parameters parameters = {{"response_type", "code"}};
  add(parameters, "client_id", ask.client_id);
  add(parameters, "redirect_uri", ask.redirect_uri);
  add(parameters, "response_mode", ask.form_post ? "form_post" : "");
  add(parameters, "scope", scope);
  add(parameters, "state", ask.state);
  add(parameters, "nonce", ask.nonce);
  add(parameters, "code_challenge", ask.code_challenge);
  if (!ask.code_challenge.empty()) add(parameters, "code_challenge_method", "S256");
  for (const std::string& resource : ask.resources) add(parameters, "resource", resource);
  add(parameters, "prompt", prompt);
  if (ask.max_age) add(parameters, "max_age", std::to_string(*ask.max_age));
  REEVE_TRY(const std::string acr_values, scope_value(ask.acr_values, ' '));
  add(parameters, "acr_values", acr_values);
  add(parameters, "login_hint", ask.login_hint);
  for (const auto& [name, value] : further) {
    if (name == "prompt") continue;
    if (reserved_parameter(name) || named(parameters, name)) {
      return refusal("a further parameter of the protocol's own, or twice");
    }
    parameters.emplace_back(name, value);
  }
  return parameters;
}

Result<std::string> authorization_url(const std::string& endpoint, const Parameters& parameters) {
  REEVE_TRY(const Url url, parse_url(endpoint));
  if (url.has_fragment) return refusal("an endpoint has no fragment");
  const auto own = parse_form(url.query);
  if (!own) return refusal("the endpoint's query cannot be read");
  for (const auto& [name, value] : *own) {
    if (reserved_parameter(name) || named(parameters, name)) {
      return refusal("the endpoint's query has a parameter of the request");
    }
  }
  std::string text = endpoint;
  if (!url.has_query) text += '?';
  else if (!url.query.empty()) text += '&';
  text += form(parameters);
  if (text.size() > kUrlBytes) return Error{Code::limit, "an authorization URL over 8 KiB"};
  return text;
}

HttpRequest pushed_request(const std::string& endpoint, const Parameters& parameters,
                           const ClientIdentity& client) {
  FormBody body;
  // Where the client proves itself in the body, client_id comes from there; never twice.
  const bool proves_in_body = client.auth != ClientAuth::basic;
  for (const auto& [name, value] : parameters) {
    if (!proves_in_body || name != "client_id") body.add(name, value);
  }
  return client_request(endpoint, std::move(body), client);
}

std::variant<PushedAuthorization, TokenProblem> judge_pushed(const HttpResponse& response) {
  auto answer = judge_answer(response);
  if (auto* problem = std::get_if<TokenProblem>(&answer)) return std::move(*problem);
  const Json& members = *std::get_if<Json>(&answer);
  PushedAuthorization pushed;
  pushed.request_uri = members.text("request_uri");
  const Json* seconds = members.find("expires_in");
  const auto expires_in = seconds == nullptr ? std::nullopt : read_seconds(*seconds);
  if (!visible_text(pushed.request_uri, kRequestUriBytes) ||
      pushed.request_uri.find(' ') != std::string::npos || !expires_in || *expires_in <= 0) {
    return malformed_answer("no usable request_uri and expires_in");
  }
  pushed.expires_in = *expires_in;
  return pushed;
}

Result<std::string> pushed_authorization_url(const std::string& endpoint,
                                             const std::string& client_id,
                                             const std::string& request_uri) {
  return authorization_url(endpoint, {{"client_id", client_id}, {"request_uri", request_uri}});
}

}  // namespace reeve
