// user: the user and groups of a process.
//
// Of a socket's peer: what it was when it connected (SO_PEERCRED, SO_PEERGROUPS), which nothing it
// does later changes. Of a process by number: the effective ones of now, from /proc/PID/status.
#pragma once

#include "base/result.h"
#include "peer/peer.h"

namespace reeve {

// pid, uid, gid, groups. Code::denied: the peer lives in a pid namespace that we do not see into.
Result<void> read_peer_user(int socket, Peer& peer);
// uid, gid, groups.
Result<void> read_credentials(pid_t pid, Peer& peer);

}  // namespace reeve
