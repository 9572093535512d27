#include "reeved/fetch_client.h"

#include "base/encoding.h"
#include "base/json_writer.h"
#include "crypto/random.h"
#include "varlink/client.h"

namespace reeve {
namespace {

// Beyond the exchange's own limit, which reeve-fetch keeps.
constexpr int64_t kGraceMilliseconds = 5'000;

std::string parameters_of(const HttpRequest& request, const FetchClient::Target& target) {
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .member("id", random_token().reveal())
      .member("hold", false)
      .member("method", request.method)
      .member("url", request.url)
      .key("headers")
      .begin_array();
  for (const auto& [name, value] : request.headers) {
    json.begin_object().member("name", name).member("value", value).end_object();
  }
  json.end_array();
  if (!request.body.empty()) json.member("body", base64url(request.body.reveal()));
  json.key("limits")
      .begin_object()
      .member("milliseconds", request.limits.milliseconds)
      .member("bytes", static_cast<int64_t>(request.limits.bytes))
      .member("loopback_http", target.loopback_http)
      .member("private_addresses", target.private_addresses)
      .end_object()
      .end_object();
  return text;
}

Error failure(const varlink::ClientReply& reply) {
  if (reply.error == "io.reeve.Fetch.Failed") {
    const std::string& reason = reply.parameters.text("reason");
    return {reason == "timeout" ? Code::timeout : Code::unavailable,
            reason + ": " + printable(reply.parameters.text("text"))};
  }
  if (reply.error == "io.reeve.Fetch.LimitReached")
    return {Code::limit, "too many requests are under way"};
  return {Code::internal, "reeve-fetch answered " + printable(reply.error)};
}

}  // namespace

Task<Result<HttpResponse>> FetchClient::send(HttpRequest request) {
  const int64_t timeout = request.limits.milliseconds + kGraceMilliseconds;
  std::string parameters = parameters_of(request, target_);
  auto reply = co_await varlink::call_once(loop_, target_.socket, "io.reeve.Fetch.Request",
                                           std::move(parameters), timeout);
  if (!reply) co_return in("reeve-fetch", std::move(reply).error());
  if (!reply->error.empty()) co_return failure(*reply);
  HttpResponse response;
  response.status = static_cast<int>(reply->parameters.integer("status").value_or(0));
  if (const Json* headers = reply->parameters.find("headers");
      headers != nullptr && headers->array() != nullptr) {
    for (const Json& header : *headers->array())
      response.headers.emplace_back(header.text("name"), header.text("value"));
  }
  const Secret encoded(reply->parameters.take_text("body"));
  auto body = base64url_decode(encoded.reveal());
  if (!body || response.status == 0)
    co_return Error{Code::corrupt, "reeve-fetch answered no HTTP answer"};
  response.body = Secret(std::move(*body));
  co_return response;
}

}  // namespace reeve
