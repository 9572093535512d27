// Pages for what did not work. They repeat nothing that was sent.
#pragma once

#include <string>

#include "bind/http.h"

namespace reeve {

// A page of a few words for this status.
Answer error_answer(int status);

// The form was made for another browser, or before the last sign-in: look again and press once
// more. `path`: the page it came from.
Answer stale_answer(std::string path);

// A ticket or handle that is of no use (any more). reason: unknown, expired, used.
Answer ticket_answer(std::string_view reason);

// A check of reeved's failed: nothing was done, the flow is burnt.
Answer refused_answer();

// reeved is not there, or too busy. `seconds`: when to try again.
Answer later_answer(int status, int64_t seconds);

}  // namespace reeve
