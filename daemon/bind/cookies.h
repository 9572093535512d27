// Cookies: the only state this program keeps, and it keeps it in the browser.
//
// `__Host-reeve-browser` names the browser, `__Host-reeve-flow-<id>` one redirect that is under
// way; the id comes from the redirect's state, so that several tabs do not disturb each other. The
// prefix
// `__Host-` makes the browser refuse them from a sibling host, from plain http (but loopback) and
// for a narrower path (RFC 6265bis section 4.1.3.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.h"

namespace reeve {

struct Cookies {
  Secret browser;                                     // empty: none was sent
  std::vector<std::pair<std::string, Secret>> flows;  // id, value

  // The value of the flow with this id; null: none.
  const Secret* flow(std::string_view id) const;
};

// Reads a Cookie header. Foreign cookies are skipped unjudged: a sibling host may set strange ones
// and must not be able to lock a user out. Of our own each name may stand once, with a value of
// exactly the shape that we set; else nullopt: somebody else made it.
std::optional<Cookies> parse_cookies(std::string_view header);

// True of 32 octets in base64url, as random_token() makes them: a browser's secret.
bool token_shaped(std::string_view text);
// True of what reeved may give as a flow's secret: 16 to 128 characters of base64url.
bool flow_shaped(std::string_view text);

// The first eight characters of base64url(SHA-256(state)).
std::string flow_id(std::string_view state);

// Values of Set-Cookie. A browser's lives until the browser ends, a flow's ten minutes.
std::string set_browser_cookie(const Secret& value);
std::string set_flow_cookie(std::string_view id, std::string_view value);
std::string drop_browser_cookie();
std::string drop_flow_cookie(std::string_view id);

}  // namespace reeve
