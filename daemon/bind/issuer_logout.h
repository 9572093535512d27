// /backchannel-logout: where an issuer tells that a user signed out there (OpenID Connect
// Back-Channel Logout 1.0). No browser comes here: the logout token itself is the proof.
#pragma once

#include "bind/desk.h"

namespace reeve {

// 200 where it was taken, else 400 with {"error": ...} (section 2.8).
Task<Answer> take_logout_token(const Desk& desk, Visit visit);

}  // namespace reeve
