// The gate: what must hold of a request before anybody thinks about what it asks. Pure.
//
// Exact Host (421), a path of ours (404), its method (405), sound parameters and cookies (400), no
// embedding and no fetching by other origins (403), and for a POST the form's content type (415)
// and, but for what comes from elsewhere by its nature (Route::from_elsewhere), an exact Origin or,
// where the browser sends none, Sec-Fetch-Site: same-origin, and the CSRF token (403). What passes
// is a Visit; what does not gets a short page that repeats nothing of it.
#pragma once

#include <variant>

#include "bind/cookies.h"
#include "bind/fields.h"
#include "bind/http.h"
#include "bind/look.h"
#include "bind/routes.h"

namespace reeve {

struct Visit {
  Look look;
  Route route;
  bool post = false;
  bool head = false;
  std::string path;
  std::string address;  // Request::address
  PeerEnd peer;         // Request::peer, where that is the browser's own process on this host
  Fields fields;        // of the form on POST, else of the query
  Cookies cookies;
};

// Limits of what is relayed or read; the server's own stand in http_server.h.
constexpr size_t kTargetBytes = size_t{8} * 1024;
constexpr size_t kHeaderBytes = size_t{32} * 1024;

std::variant<Visit, Answer> admit(const Site& site, const Request& request);

}  // namespace reeve
