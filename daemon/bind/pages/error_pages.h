// Pages for what did not work. They repeat nothing that was sent.
#pragma once

#include <string>

#include "bind/look.h"

namespace reeve {

// A page of a few words for this status.
Answer error_answer(const Look& look, int status);

// The form was made for another browser, or before the last sign-in: look again and press once
// more. `path`: the page it came from.
Answer stale_answer(const Look& look, std::string path);

// A ticket or handle that is of no use (any more). reason: unknown, expired, used.
Answer ticket_answer(const Look& look, std::string_view reason);

// A check of reeved's failed: nothing was done, the flow is burnt.
Answer refused_answer(const Look& look);

// reeved is not there, or too busy. `seconds`: when to try again.
Answer later_answer(const Look& look, int status, int64_t seconds);

}  // namespace reeve
