#include "oauth/client_auth.h"

#include <algorithm>

namespace reeve {

Result<ClientAuth> choose_client_auth(const Preset& preset, const ServerMetadata& metadata,
                                      bool has_secret) {
  if (preset.client_auth) {
    if (*preset.client_auth == ClientAuth::none || has_secret) return *preset.client_auth;
    return Error{Code::invalid, "this provider wants a client_secret"};
  }
  if (!has_secret) return ClientAuth::none;
  const std::vector<std::string>& methods = metadata.token_endpoint_auth_methods;
  const auto takes = [&](const char* method) {
    return std::find(methods.begin(), methods.end(), method) != methods.end();
  };
  // RFC 8414 section 2: the default where the server names none.
  if (methods.empty() || takes("client_secret_basic")) return ClientAuth::basic;
  if (takes("client_secret_post")) return ClientAuth::post;
  return Error{Code::invalid, "this provider does not take a client_secret"};
}

std::string basic_credentials(const ClientIdentity& client) {
  const std::string_view secret = client.client_secret.reveal();
  std::string pair = client.raw_basic ? client.client_id : form_encode(client.client_id);
  pair += ':';
  pair += client.raw_basic ? std::string(secret) : form_encode(secret);
  std::string value = "Basic " + base64(pair);
  wipe(pair);
  return value;
}

HttpRequest client_request(std::string url, FormBody body, const ClientIdentity& client) {
  HttpRequest request;
  request.method = "POST";
  request.url = std::move(url);
  request.headers = {{"Accept", "application/json"},
                     {"Content-Type", "application/x-www-form-urlencoded"},
                     {"User-Agent", "reeve"}};
  if (client.auth == ClientAuth::basic) {
    request.headers.emplace_back("Authorization", basic_credentials(client));
  } else {
    body.add("client_id", client.client_id);
    if (client.auth == ClientAuth::post) body.add("client_secret", client.client_secret.reveal());
  }
  request.body = body.take();
  return request;
}

}  // namespace reeve
