#include "oauth/discovery.h"

#include "base/json.h"

namespace reeve {
namespace {

constexpr size_t kListed = 256;

Error refusal(std::string text) { return {Code::invalid, std::move(text)}; }

std::string without_last_slash(std::string path) {
  if (path.ends_with('/')) path.pop_back();
  return path;
}

Result<Json> read_document(const HttpResponse& response) {
  if (response.status != 200) {
    const Code code = response.status == 404 ? Code::not_found : Code::unavailable;
    return Error{code, "HTTP status " + std::to_string(response.status)};
  }
  REEVE_TRY(Json document, parse_json(response.body.reveal()));
  if (document.object() == nullptr) return refusal("not a JSON object");
  return document;
}

const Json* present(const Json& document, std::string_view name) {
  const Json* member = document.find(name);
  return member == nullptr || member->is_null() ? nullptr : member;
}

// Reads one document's members; the first thing wrong stays in `problem`.
class Document {
 public:
  Document(const Json& document, const MetadataRules& rules) : json_(document), rules_(rules) {}

  std::string url(std::string_view name) {
    const Json* member = present(json_, name);
    if (member == nullptr) return {};
    const std::string& text = json_.text(name);
    const auto parsed = parse_endpoint(text, rules_.loopback_http);
    if (!parsed) fail(name, "is no usable URL");
    else if (!host_allowed(*parsed, rules_.hosts)) fail(name, "names a host that is not allowed");
    return text;
  }

  bool flag(std::string_view name) {
    if (present(json_, name) == nullptr) return false;
    const auto value = json_.boolean(name);
    if (!value) fail(name, "is no boolean");
    return value.value_or(false);
  }

  std::vector<std::string> list(std::string_view name) {
    if (present(json_, name) == nullptr) return {};
    auto values = json_.strings(name);
    if (!values) fail(name, "is no list of strings");
    else if (values->size() > kListed) fail(name, "is too long");
    return values.value_or(std::vector<std::string>());
  }

  void fail(std::string_view name, std::string_view what) {
    if (problem.empty()) problem.append(name).append(" ").append(what);
  }

  std::string problem;

 private:
  const Json& json_;
  const MetadataRules& rules_;
};

}  // namespace

std::vector<std::string> metadata_urls(const Url& issuer) {
  constexpr const char* openid = "/.well-known/openid-configuration";
  constexpr const char* oauth = "/.well-known/oauth-authorization-server";
  const std::string origin = issuer.origin(), path = without_last_slash(issuer.path);
  std::vector<std::string> urls = {origin + path + openid, origin + oauth + path};
  if (!path.empty()) urls.push_back(origin + openid + path);
  return urls;
}

Result<ServerMetadata> judge_metadata(const HttpResponse& response, const MetadataRules& rules) {
  REEVE_TRY(const Json json, read_document(response));
  if (rules.issuer.empty() || json.text("issuer") != rules.issuer) {
    return refusal("the document's issuer is not the configured one");
  }
  Document document(json, rules);
  ServerMetadata metadata;
  metadata.issuer = rules.issuer;
  Endpoints& urls = metadata.endpoints;
  urls.authorization = document.url("authorization_endpoint");
  urls.token = document.url("token_endpoint");
  urls.userinfo = document.url("userinfo_endpoint");
  urls.revocation = document.url("revocation_endpoint");
  urls.pushed_authorization = document.url("pushed_authorization_request_endpoint");
  urls.jwks = document.url("jwks_uri");
  metadata.iss_supported = document.flag("authorization_response_iss_parameter_supported");
  metadata.require_pushed_authorization = document.flag("require_pushed_authorization_requests");
  metadata.token_endpoint_auth_methods = document.list("token_endpoint_auth_methods_supported");
  metadata.code_challenge_methods = document.list("code_challenge_methods_supported");
  metadata.id_token_signing_algorithms = document.list("id_token_signing_alg_values_supported");
  metadata.scopes = document.list("scopes_supported");
  if (urls.authorization.empty()) document.fail("authorization_endpoint", "is missing");
  if (urls.token.empty()) document.fail("token_endpoint", "is missing");
  if (metadata.require_pushed_authorization && urls.pushed_authorization.empty()) {
    document.fail("pushed_authorization_request_endpoint", "is missing, yet required");
  }
  if (!document.problem.empty()) return refusal("metadata: " + document.problem);
  return metadata;
}

ServerMetadata configured_metadata(const Preset& preset) {
  ServerMetadata metadata;
  metadata.endpoints = preset.endpoints;
  metadata.iss_supported = preset.iss_expected;
  return metadata;
}

Result<JwkSet> judge_jwks(const HttpResponse& response) {
  if (response.status != 200) {
    return Error{Code::unavailable, "HTTP status " + std::to_string(response.status)};
  }
  return parse_jwks(response.body.reveal());
}

}  // namespace reeve
