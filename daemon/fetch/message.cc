#include "fetch/message.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace reeve {
namespace {

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string_view word_of(FailureReason reason) {
  switch (reason) {
    case FailureReason::address: return "address";
    case FailureReason::tls: return "tls";
    case FailureReason::timeout: return "timeout";
    case FailureReason::connect: return "connect";
    case FailureReason::too_large: return "too_large";
    case FailureReason::url: return "url";
    case FailureReason::spool: return "spool";
    case FailureReason::lost: return "lost";
    case FailureReason::protocol: break;
  }
  return "protocol";
}

std::optional<FetchLimits> read_limits(const Json& limits) {
  FetchLimits read;
  read.milliseconds = std::min(limits.integer("milliseconds").value_or(0), kMostMilliseconds);
  read.bytes = std::min(limits.integer("bytes").value_or(-1), kMostBodyBytes);
  read.loopback_http = limits.boolean("loopback_http").value_or(false);
  read.private_addresses = limits.boolean("private_addresses").value_or(false);
  if (read.milliseconds < 1 || read.bytes < 0) return std::nullopt;
  return read;
}

std::optional<std::vector<FetchHeader>> read_headers(const JsonArray& headers) {
  if (headers.size() > kRequestHeaders) return std::nullopt;
  std::vector<FetchHeader> read;
  for (const Json& header : headers) {
    const std::string& name = header.text("name");
    const std::string& value = header.text("value");
    if (!settable_header(name) || !good_header_value(value)) return std::nullopt;
    read.push_back({name, value});
  }
  return read;
}

}  // namespace

bool is_token(std::string_view text) {
  constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

bool settable_header(std::string_view name) {
  constexpr std::array<std::string_view, 13> kNot = {"host",
                                                     "content-length",
                                                     "transfer-encoding",
                                                     "connection",
                                                     "keep-alive",
                                                     "te",
                                                     "trailer",
                                                     "upgrade",
                                                     "expect",
                                                     "accept-encoding",
                                                     "proxy-authorization",
                                                     "proxy-connection",
                                                     "http2-settings"};
  if (!is_token(name) || name.size() > 256) return false;
  return std::find(kNot.begin(), kNot.end(), lower_case(name)) == kNot.end();
}

bool good_header_value(std::string_view value) {
  if (!value.empty() && (value.front() == ' ' || value.back() == ' ')) return false;
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

AddressRule FetchRequest::address_rule() const {
  AddressRule rule;
  rule.private_addresses = limits.private_addresses;
  rule.loopback = limits.loopback_http;
  rule.only_loopback = !url.tls;
  rule.literal = url.literal.has_value();
  return rule;
}

std::variant<FetchRequest, BadParameter, FetchFailure> read_fetch_request(Json& parameters) {
  FetchRequest request;
  request.method = parameters.text("method");
  const bool known =
      request.method == "GET" || request.method == "POST" || request.method == "DELETE";
  if (!known) return BadParameter{"method"};

  const Json* limits_member = parameters.find("limits");
  const auto limits = limits_member == nullptr ? std::nullopt : read_limits(*limits_member);
  if (!limits) return BadParameter{"limits"};
  request.limits = *limits;

  const Json* headers_member = parameters.find("headers");
  const JsonArray* array = headers_member == nullptr ? nullptr : headers_member->array();
  auto headers = array == nullptr ? std::nullopt : read_headers(*array);
  if (!headers) return BadParameter{"headers"};
  request.headers = std::move(*headers);

  const Json* body = parameters.find("body");
  if (body != nullptr && !body->is_null()) {
    const Secret text(parameters.take_text("body"));
    auto bytes = base64url_decode(text.reveal());
    if (!bytes || request.method == "GET") return BadParameter{"body"};
    request.body = Secret(std::move(*bytes));
  }

  auto url = guard_url(parameters.text("url"), request.limits.loopback_http);
  if (!url) return FetchFailure{FailureReason::url, url.error().text, false};
  request.url = std::move(*url);
  request.once = request.method != "GET";
  return request;
}

std::string to_json(const FetchAnswer& answer) {
  std::string text;
  // Grown once: a buffer that grows leaves copies.
  text.reserve(answer.body.size() * 4 / 3 + kHeaderBytes);
  JsonWriter writer(text);
  writer.begin_object().member("status", int64_t{answer.status}).key("headers").begin_array();
  for (const FetchHeader& header : answer.headers) {
    writer.begin_object().member("name", header.name).member("value", header.value).end_object();
  }
  const Secret body(base64url(answer.body.reveal()));
  writer.end_array().member("body", body.reveal()).end_object();
  return text;
}

std::string to_json(const FetchFailure& failure) {
  std::string text;
  JsonWriter(text)
      .begin_object()
      .member("reason", word_of(failure.reason))
      .member("text", failure.text)
      .member("sent", failure.sent)
      .end_object();
  return text;
}

}  // namespace reeve
