// Grants as a table: what `reeve grants` prints, and `reeve revoke` before it asks.
#pragma once

#include "cli/json.h"
#include "cli/terminal.h"

namespace reeve::cli {

Table grant_table(const Value::List& grants);

}  // namespace reeve::cli
