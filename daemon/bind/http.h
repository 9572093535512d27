// Request and Answer: one HTTP exchange as values, and the headers that every answer carries.
//
// What crosses the line between the server (http_server.h, libmicrohttpd) and all that judges and
// answers. Nothing in a Request is decoded: paths and queries are compared and parsed as sent.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bind/site.h"

namespace reeve {

using Headers = std::vector<std::pair<std::string, std::string>>;

// Where a connection comes from, as the kernel says.
struct PeerEnd {
  std::string address;  // "127.0.0.1", "::1"; empty: unknown
  int64_t port = 0;
};

struct Request {
  std::string method;
  std::string target;  // path and query
  Headers headers;     // in their order, names as sent
  std::string body;
  std::string address;  // of who sent it, to count by; empty: it stands for nobody
  PeerEnd peer;         // of the connection itself, a proxy's where one stands between

  std::string_view path() const;
  std::string_view query() const;  // without the question mark
  // The first value of that name (any case); nullopt: there is none.
  std::optional<std::string_view> header(std::string_view name) const;
  std::vector<std::string_view> values(std::string_view name) const;
};

struct Answer {
  int status = 200;
  std::string type = "text/html; charset=utf-8";
  std::string body;
  Headers headers;     // beside those of every answer
  bool forms = false;  // the body holds a form of ours: see standing_headers
};

// 303 to a path of ours. No other redirect is ever made: whoever leaves this origin does it from a
// page (leave_page in pages/outcome_pages.h), so no answer is an open redirect by its Location.
Answer see_other(std::string path);

// What every answer carries, errors too: no framing, no script, no resource but our style sheet, no
// caching, no sniffing, no referrer to anyone.
//
// form-action is 'self', and Chromium applies it to each redirect that follows a form's POST, at
// whatever host: a 303 from the consent form to the provider, and from there to its own login host,
// would be blocked. Naming the provider's origin would not help with the second step, and leaving
// form-action out would let an injected form send the CSRF token away. So a POST that ends
// elsewhere is answered by a page of ours that goes on by `Refresh: 0`: a new navigation, without
// script, without referrer, replacing itself in the history (HTML, "shared declarative refresh
// steps"), with a link where a browser does not refresh.
//
// Referrer-Policy is no-referrer but for pages with a form: under no-referrer a browser says
// `Origin: null` on the form's own POST (Fetch, "append a request Origin header"), and the Origin
// is compared exactly. There it is same-origin, which tells other origins as little.
Headers standing_headers(const Site& site, const Answer& answer);

}  // namespace reeve
