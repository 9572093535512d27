// /connections: what the signed-in user has lent, and how to end it.
#pragma once

#include "bind/desk.h"

namespace reeve {

Task<Answer> show_connections(const Desk& desk, Visit visit);
// POST grant=ID or all=yes; says what the provider said.
Task<Answer> disconnect(const Desk& desk, Visit visit);

}  // namespace reeve
