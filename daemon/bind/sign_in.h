// Signing in and out, and the way back from an issuer or a provider.
#pragma once

#include "bind/desk.h"

namespace reeve {

// POST /signin: makes a redirect to the issuer.
Task<Answer> sign_in(const Desk& desk, Visit visit);
// GET /signin/unix: a program of the user's own has opened it, with a code of its making
// (Agent.ProveUser). Changes nothing: it asks. POST takes the code.
Task<Answer> show_sign_in_unix(const Desk& desk, Visit visit);
Task<Answer> sign_in_unix(const Desk& desk, Visit visit);
// POST /signout.
Task<Answer> sign_out(const Desk& desk, Visit visit);

// GET /callback/CONTEXT and /signin/callback/ISSUER: hands reeved what came back, with both
// cookies, and answers 303, so that neither code nor state stays in the address or the history. The
// only GET that changes anything: it takes a state and the cookie that belongs to it.
Task<Answer> came_back(const Desk& desk, Visit visit);

}  // namespace reeve
