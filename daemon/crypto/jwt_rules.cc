#include "crypto/jwt_rules.h"

#include <algorithm>
#include <array>

namespace reeve {
namespace {

template <size_t count>
using List = std::array<std::string_view, count>;

constexpr List<2> kPlainTypes = {"", "jwt"};
constexpr List<1> kAccessTypes = {"at+jwt"};
// Explicit typing is recommended, not required (Back-Channel Logout section 2.4); "events" tells.
constexpr List<3> kLogoutTypes = {"", "jwt", "logout+jwt"};
constexpr List<1> kEventTypes = {"secevent+jwt"};

constexpr List<6> kIdRequired = {"iss", "sub", "aud", "exp", "iat", "nonce"};
constexpr List<5> kUserRequired = {"iss", "sub", "aud", "exp", "iat"};
constexpr List<6> kAccessRequired = {"iss", "sub", "aud", "exp", "iat", "client_id"};
constexpr List<6> kLogoutRequired = {"iss", "aud", "exp", "iat", "jti", "events"};
constexpr List<5> kEventRequired = {"iss", "aud", "iat", "jti", "events"};

// What ID tokens never have, but untyped access tokens of common issuers do.
constexpr List<8> kNotInIdTokens = {"events", "scope",    "scp",   "cid",
                                    "azpacr", "appidacr", "idtyp", "gty"};
// A bound token (RFC 7800) proves nothing in the hands of one who cannot show the key.
constexpr List<3> kNotInAccessTokens = {"events", "nonce", "cnf"};
constexpr List<1> kNotInLogoutTokens = {"nonce"};
constexpr List<3> kNotInEvents = {"nonce", "exp", "sub"};

constexpr List<1> kIdLabels = {"id"};
constexpr List<2> kAccessLabels = {"bearer", "access"};
constexpr List<1> kLogoutLabels = {"logout"};

constexpr std::string_view kLogoutEvent = "http://schemas.openid.net/event/backchannel-logout";

constexpr std::array kRules = {
    JwtRules{.kind = JwtKind::id_token,
             .types = kPlainTypes,
             .required = kIdRequired,
             .forbidden = kNotInIdTokens,
             .labels = kIdLabels,
             .nonce = true,
             .person = true,
             .sole_client = true,
             .oldest_seconds = 600},
    JwtRules{.kind = JwtKind::user_token,
             .types = kPlainTypes,
             .required = kUserRequired,
             .forbidden = kNotInIdTokens,
             .labels = kIdLabels,
             .person = true,
             .sole_client = true},
    JwtRules{.kind = JwtKind::user_token,
             .types = kAccessTypes,
             .required = kAccessRequired,
             .forbidden = kNotInAccessTokens,
             .labels = kAccessLabels,
             .person = true},
    JwtRules{.kind = JwtKind::access_token,
             .types = kAccessTypes,
             .required = kAccessRequired,
             .forbidden = kNotInAccessTokens,
             .labels = kAccessLabels,
             .person = true},
    JwtRules{.kind = JwtKind::logout_token,
             .types = kLogoutTypes,
             .required = kLogoutRequired,
             .forbidden = kNotInLogoutTokens,
             .labels = kLogoutLabels,
             .event = kLogoutEvent},
    JwtRules{.kind = JwtKind::security_event,
             .types = kEventTypes,
             .required = kEventRequired,
             .forbidden = kNotInEvents,
             .event = "*"},
};

}  // namespace

const JwtRules* rules_for(JwtKind kind, std::string_view type) {
  for (const JwtRules& rules : kRules) {
    if (rules.kind != kind) continue;
    if (std::find(rules.types.begin(), rules.types.end(), type) != rules.types.end()) return &rules;
  }
  return nullptr;
}

}  // namespace reeve
