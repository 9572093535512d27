// redirect: what sign-ins and consents have in common: a browser is sent away with a state, and
// must come back as the same browser, to the same path, in time, from the server it was sent to.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "oauth/callback.h"
#include "session/browsers.h"

namespace reeve {

// Why a binder's call was refused. The reason is a stable word; of not_signed_in "ended", where
// time has ended a sign-in, or empty.
struct Refusal {
  enum class Kind { ticket, not_signed_in, flow, unavailable, limit };
  Kind kind = Kind::flow;
  std::string reason;
};
Refusal not_signed_in(const Browsers& browsers, const BrowserKey& key);
template <class T>
using Bound = std::variant<T, Refusal>;

// Where to send the browser, and the secret of the flow's cookie, whose name `flow_id` tells apart
// from others.
struct Away {
  std::string authorize_url;
  Secret flow;
  std::string flow_id;
};

// What came back. Only `state` finds the flow; all of it must fit.
struct CameBack {
  BrowserKey browser;  // of its cookie, at the binder that relays this
  std::string flow;    // the flow cookie's secret, empty: none
  std::string redirect_uri;
  CallbackAnswer answer;
};

// A new flow and its two secrets.
struct NewFlow {
  Flow flow;
  Secret state, cookie;
};
NewFlow make_flow(const Browser& browser, std::string redirect_uri, const Clock& clock,
                  const std::string& boot);

// The first 8 characters of base64url(SHA-256(state)); the callback shows the binder the same
// state.
std::string flow_id(const Flow& flow);

// The first check that fails, or empty: "expired", "redirect_uri", "browser", "flow_cookie".
// `current` is the record of the browser that came back, or null.
std::string flow_problem(const Flow& flow, const CameBack& back, const BrowserRef& current,
                         const Clock& clock, const std::string& boot);

}  // namespace reeve
