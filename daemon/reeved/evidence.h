// evidence: a Peer from the text that an operator gives to `reeve explain`.
#pragma once

#include <string>

#include "base/json.h"
#include "peer/peer.h"

namespace reeve {

// Reads {"uid": "1000", "unit": "a.service", ...}, the names of Peer::evidence(). The name of the
// first member that is unknown or malformed, or empty.
std::string read_evidence(const Json& evidence, Peer& peer);

}  // namespace reeve
