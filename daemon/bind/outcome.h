// /done/HANDLE: what came of a question, and whether the account is the one that was meant.
#pragma once

#include "bind/desk.h"

namespace reeve {

// GET: waits for the provider's answer; a page that loads itself again where that takes too long.
Task<Answer> show_outcome(const Desk& desk, Visit visit);
// POST accept=yes|no.
Task<Answer> confirm_account(const Desk& desk, Visit visit);

}  // namespace reeve
