// /connect/TICKET: the question, and its answer.
#pragma once

#include "bind/desk.h"

namespace reeve {

// GET: asks reeved what to show, and changes nothing anywhere (link previews are harmless).
Task<Answer> show_question(const Desk& desk, Visit visit);

// POST action=continue|decline. Whether this browser may is reeved's to say, at once: a wrong
// user's Continue is passed on so that the question can be refused.
Task<Answer> answer_question(const Desk& desk, Visit visit);

}  // namespace reeve
