// HttpRequest and HttpResponse: one exchange over HTTP, as values. Who carries it out stands in
// http_client.h; nothing here does.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/encoding.h"
#include "base/secret.h"

namespace reeve {

// What is read of an answer; over it the exchange fails. How long it may take, its carrier knows.
constexpr size_t kMostBodyBytes = size_t{256} * 1024;

struct HttpRequest {
  std::string method;
  std::string url;
  Parameters headers;  // may hold credentials ("Authorization"): never shown
  Secret body;
};

struct HttpResponse {
  int status = 0;
  Parameters headers;
  Secret body;
};

// What is known of an exchange whose answer must not be lost (http_client.h).
enum class Fate {
  answered,
  unasked,   // who carries it out cannot be asked now; the same id may be asked for again
  not_sent,  // surely not, so nothing happened
  lost,      // it may have been sent, and its answer will not come
};

// The value of the header of that name, in any case (RFC 9110 section 5.1); the first of several,
// null where there is none.
const std::string* find_header(const Parameters& headers, std::string_view name);
// "Content-Type" in lower case without its parameters; empty where there is none.
std::string media_type(const HttpResponse& response);
// How long the answer may be kept: "max-age" (RFC 9111 section 5.2.2.1) within 1 and 24 hours.
int64_t cache_seconds(const HttpResponse& response);

// A body of application/x-www-form-urlencoded. Empty values are left out: to OAuth they are absent
// (RFC 6749 section 3.2).
class FormBody {
 public:
  FormBody& add(std::string_view name, std::string_view value);
  FormBody& add(const Parameters& parameters);
  Secret take() { return Secret(std::move(text_)); }

 private:
  std::string text_;
};

// A GET that asks for JSON.
HttpRequest get_json(std::string url);

}  // namespace reeve
