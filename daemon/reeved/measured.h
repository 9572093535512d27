// measured: what wraps the methods of agents to see how long they take.
#pragma once

#include "reeved/metrics.h"
#include "varlink/service.h"

namespace reeve {

// The table's methods, measured; those that wait for people or events are left as they are. The
// metrics must outlive the table.
varlink::MethodTable measured(varlink::MethodTable table, Metrics& metrics);

}  // namespace reeve
