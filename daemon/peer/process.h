// process: the facts of a process that everyone may read from /proc, and of the machine.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/result.h"
#include "peer/peer.h"

namespace reeve {

// Field 22 of /proc/PID/stat (proc(5)): clock ticks from boot to the start of the process.
Result<uint64_t> start_time(pid_t pid);
// Effective uid and gid and the groups, from /proc/PID/status.
Result<void> read_credentials(pid_t pid, Peer& peer);
// True only if the uid map is that of the initial user namespace: all ids, mapped to themselves.
bool in_initial_user_namespace(pid_t pid);
// Where cgroup v2 is mounted: /sys/fs/cgroup, or its "unified" on hybrid systems. Empty: nowhere.
const std::string& cgroup_root();

}  // namespace reeve
