// namespaces: in which user and pid namespace a process lives, as far as everyone may see it.
//
// Root in another user namespace is not root, and a uid there is not this host's. A process of
// another pid namespace is in some container, even where its cgroup does not say so. Which
// namespace it is, and its mount namespace, only the privileged may see: reeve-attest's part.
#pragma once

#include <string_view>

#include "peer/peer.h"

namespace reeve {

void read_namespaces(Peer& peer);

// Of /proc/PID/uid_map: true only if it is that of the initial namespace: all ids, mapped to
// themselves.
bool maps_all_ids(std::string_view uid_map);
// Of /proc/PID/status: true only if the process has one pid, the one seen from here ("NSpid:").
bool has_one_pid(std::string_view status);

}  // namespace reeve
