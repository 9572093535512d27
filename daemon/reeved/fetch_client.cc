#include "reeved/fetch_client.h"

#include "async/timer.h"
#include "base/encoding.h"
#include "base/json_writer.h"
#include "crypto/random.h"
#include "varlink/client.h"

namespace reeve {
namespace {

// Beyond the exchange's own limit, which reeve-fetch keeps.
constexpr int64_t kGraceMilliseconds = 5'000;

// What is local and answered at once.
constexpr int64_t kLocalMilliseconds = 5'000;
// How often a reeve-fetch that is gone is looked for, and after how long.
constexpr int kAttempts = 4;
constexpr int64_t kAgainMilliseconds = 250;

// `hold`: null where the answer need not be kept.
std::string parameters_of(const HttpRequest& request, const FetchClient::Target& target,
                          const Hold* hold) {
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .member("id", hold != nullptr ? hold->id : std::string(random_token().reveal()))
      .member("hold", hold != nullptr);
  if (hold != nullptr) json.member("seal_to", base64url(hold->keys->public_key()));
  json.member("method", request.method).member("url", request.url).key("headers").begin_array();
  for (const auto& [name, value] : request.headers) {
    json.begin_object().member("name", name).member("value", value).end_object();
  }
  json.end_array();
  if (!request.body.empty()) json.member("body", base64url(request.body.reveal()));
  json.key("limits")
      .begin_object()
      .member("milliseconds", target.milliseconds)
      .member("bytes", static_cast<int64_t>(kMostBodyBytes))
      .member("loopback_http", target.loopback_http)
      .member("private_addresses", target.private_addresses)
      .end_object()
      .end_object();
  return text;
}

// Joins what was begun; as a request of its own it is none, since nothing can be sealed to it.
std::string joining(const Hold& hold) {
  std::string text;
  JsonWriter(text)
      .begin_object()
      .member("id", hold.id)
      .member("hold", true)
      .member("method", "GET")
      .member("url", "")
      .key("headers")
      .begin_array()
      .end_array()
      .key("limits")
      .begin_object()
      .member("milliseconds", int64_t{0})
      .member("bytes", int64_t{0})
      .member("loopback_http", false)
      .member("private_addresses", false)
      .end_object()
      .end_object();
  return text;
}

Error no_answer() { return {Code::corrupt, "reeve-fetch answered no HTTP answer"}; }

// "status", "headers" and "body", which are taken out.
Result<HttpResponse> read_response(Json& members) {
  HttpResponse response;
  response.status = static_cast<int>(members.integer("status").value_or(0));
  if (const Json* headers = members.find("headers");
      headers != nullptr && headers->array() != nullptr) {
    for (const Json& header : *headers->array())
      response.headers.emplace_back(header.text("name"), header.text("value"));
  }
  const Secret encoded(members.take_text("body"));
  auto body = base64url_decode(encoded.reveal());
  if (!body || response.status == 0) return no_answer();
  response.body = Secret(std::move(*body));
  return response;
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

HeldOutcome read_held(varlink::ClientReply& reply, const Hold& hold) {
  if (reply.error == "io.reeve.Fetch.Failed") {
    const bool sent = reply.parameters.boolean("sent").value_or(true);
    return HoldFailure{sent ? Fate::lost : Fate::not_sent, failure(reply)};
  }
  // Refused before it was begun.
  if (!reply.error.empty()) return HoldFailure{Fate::not_sent, failure(reply)};
  const auto sealed = base64url_decode(reply.parameters.text("sealed"));
  const auto plain = sealed ? hold.keys->open(*sealed) : std::nullopt;
  if (!plain) {
    return HoldFailure{Fate::lost, {Code::corrupt, "a held answer is not sealed to this vault"}};
  }
  auto members = parse_json(plain->reveal(), JsonLimits{.bytes = varlink::Client::kReplyBytes});
  if (!members) return HoldFailure{Fate::lost, no_answer()};
  auto response = read_response(*members);
  if (!response) return HoldFailure{Fate::lost, std::move(response).error()};
  return std::move(*response);
}

}  // namespace

Task<Result<HttpResponse>> FetchClient::send(HttpRequest request) {
  const int64_t timeout = target_.milliseconds + kGraceMilliseconds;
  std::string parameters = parameters_of(request, target_, nullptr);
  auto reply = co_await varlink::call_once(loop_, target_.socket, "io.reeve.Fetch.Request",
                                           std::move(parameters), timeout);
  if (!reply) co_return in("reeve-fetch", std::move(reply).error());
  if (!reply->error.empty()) co_return failure(*reply);
  co_return read_response(reply->parameters);
}

Task<HeldOutcome> FetchClient::ask_held(std::string parameters, Hold hold, int64_t timeout) {
  const Secret kept(std::move(parameters));
  HoldFailure unasked{Fate::unasked, {Code::unavailable, "reeve-fetch"}};
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (attempt > 0) co_await sleep(loop_, kAgainMilliseconds << attempt);
    auto list = co_await held();
    if (!list) {
      unasked.error = std::move(list).error();
      continue;
    }
    if (list->epoch != hold.epoch) {
      co_return HoldFailure{Fate::lost, {Code::unavailable, "reeve-fetch lost what it held"}};
    }
    std::string again(kept.reveal());
    auto reply = co_await varlink::call_once(loop_, target_.socket, "io.reeve.Fetch.Request",
                                             std::move(again), timeout);
    if (reply) co_return read_held(*reply, hold);
    unasked.error = in("reeve-fetch", std::move(reply).error());
  }
  co_return unasked;
}

Task<HeldOutcome> FetchClient::send_held(HttpRequest request, Hold hold) {
  const int64_t timeout = target_.milliseconds + kGraceMilliseconds;
  std::string parameters = parameters_of(request, target_, &hold);
  co_return co_await ask_held(std::move(parameters), std::move(hold), timeout);
}

Task<HeldOutcome> FetchClient::recall(Hold hold) {
  std::string parameters = joining(hold);
  constexpr int64_t timeout = 60'000 + kGraceMilliseconds;  // the longest that one may take
  co_return co_await ask_held(std::move(parameters), std::move(hold), timeout);
}

Task<Result<HeldList>> FetchClient::held() {
  auto reply = co_await varlink::call_once(loop_, target_.socket, "io.reeve.Fetch.Held", "{}",
                                           kLocalMilliseconds);
  if (!reply) co_return in("reeve-fetch", std::move(reply).error());
  if (!reply->error.empty()) co_return failure(*reply);
  HeldList list;
  list.epoch = reply->parameters.text("epoch");
  list.ids = reply->parameters.strings("held").value_or(std::vector<std::string>());
  if (list.epoch.empty()) co_return Error{Code::corrupt, "reeve-fetch has no epoch"};
  co_return list;
}

Task<Result<void>> FetchClient::acknowledge(std::string id) {
  std::string parameters;
  JsonWriter(parameters).begin_object().member("id", id).end_object();
  auto reply = co_await varlink::call_once(loop_, target_.socket, "io.reeve.Fetch.Acknowledge",
                                           std::move(parameters), kLocalMilliseconds);
  if (!reply) co_return in("reeve-fetch", std::move(reply).error());
  if (!reply->error.empty()) co_return failure(*reply);
  co_return Result<void>();
}

}  // namespace reeve
