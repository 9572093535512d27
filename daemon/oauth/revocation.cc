#include "oauth/revocation.h"

#include "base/json_writer.h"

namespace reeve {
namespace {

HttpRequest json_delete(std::string url, const ClientIdentity& client, const Secret& token) {
  constexpr std::string_view variable = "{client_id}";
  const size_t at = url.find(variable);
  if (at != url.npos) url.replace(at, variable.size(), percent_encode(client.client_id));
  HttpRequest request;
  request.method = "DELETE";
  request.url = std::move(url);
  request.headers = {{"Accept", "application/json"},
                     {"Content-Type", "application/json"},
                     {"User-Agent", "reeve"},
                     {"Authorization", basic_credentials(client)}};
  std::string body;
  JsonWriter(body).begin_object().member("access_token", token.reveal()).end_object();
  request.body = Secret(std::move(body));
  return request;
}

}  // namespace

HttpRequest revocation_request(RevocationKind kind, const std::string& endpoint,
                               const ClientIdentity& client, const Secret& token, TokenHint hint) {
  if (kind == RevocationKind::json_delete) return json_delete(endpoint, client, token);
  FormBody body;
  body.add("token", token.reveal());
  body.add("token_type_hint", hint == TokenHint::refresh_token ? "refresh_token" : "access_token");
  return client_request(endpoint, std::move(body), client);
}

std::optional<TokenProblem> judge_revocation(RevocationKind kind, const HttpResponse& response) {
  if (kind == RevocationKind::json_delete && response.status == 404) return std::nullopt;
  auto judged = judge_answer(response);
  auto* problem = std::get_if<TokenProblem>(&judged);
  if (problem == nullptr || problem->error == "invalid_token") return std::nullopt;
  // A success needs no body.
  if (problem->kind == TokenProblem::Kind::malformed) return std::nullopt;
  return std::move(*problem);
}

}  // namespace reeve
