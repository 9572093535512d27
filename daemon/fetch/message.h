// message: what io.reeve.Fetch asks for and what comes of it, as plain values. Pure.
//
// Reading checks everything that libcurl would otherwise pass on as it is: methods, header names
// and values, sizes. Bodies are wiped when the values die; the program's wiping operator delete
// (base/wipe_heap.cc) does the same for header values, which carry credentials.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/json.h"
#include "base/json_writer.h"
#include "base/secret.h"
#include "fetch/url_guard.h"

namespace reeve {

// What no caller's limits go beyond.
constexpr int64_t kMostMilliseconds = 60'000;
constexpr int64_t kMostBodyBytes = int64_t{4} * 1024 * 1024;
// Of an answer: status lines, interim answers and header lines together.
constexpr size_t kHeaderBytes = size_t{64} * 1024;
constexpr size_t kHeaders = 256;
// Of a request.
constexpr size_t kRequestHeaders = 64;

struct FetchHeader {
  std::string name;
  std::string value;
};

struct FetchLimits {
  int64_t milliseconds = 0;  // until the whole answer is here
  int64_t bytes = 0;         // of the answer's body
  bool loopback_http = false;
  bool private_addresses = false;
};

struct FetchRequest {
  std::string method;  // GET, POST or DELETE
  Url url;
  std::vector<FetchHeader> headers;
  std::optional<Secret> body;
  FetchLimits limits;
  // Never sent a second time, not even on the chance that a kept connection was dead already.
  bool once = true;

  AddressRule address_rule() const;
};

struct FetchAnswer {
  int status = 0;
  std::vector<FetchHeader> headers;  // names in lower case, in the order they came; no trailers
  Secret body;
};

enum class FailureReason { address, tls, timeout, connect, too_large, protocol, url, spool, lost };

// The request was not sent, or no whole answer came.
struct FetchFailure {
  FailureReason reason = FailureReason::protocol;
  std::string text;
  bool sent = false;  // the server may have seen it
};

using FetchOutcome = std::variant<FetchAnswer, FetchFailure>;

// A parameter that the interface text allows and we do not.
struct BadParameter {
  std::string name;
};

// The parameters of Request (already checked against the interface text); takes the body out of
// them. A limit over ours becomes ours. FetchFailure: the URL is not one to go to.
std::variant<FetchRequest, BadParameter, FetchFailure> read_fetch_request(Json& parameters);

// The members "status", "headers" and "body" (base64url), as one JSON object.
std::string to_json(const FetchAnswer& answer);
// The parameters of the error Failed.
std::string to_json(const FetchFailure& failure);

// The same two checks, for a request's headers: RFC 9110 sections 5.1 and 5.5, and not one of those
// that belong to the connection or to libcurl.
bool settable_header(std::string_view name);
bool good_header_value(std::string_view value);
// RFC 9110 section 5.6.2.
bool is_token(std::string_view text);

}  // namespace reeve
