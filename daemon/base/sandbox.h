// sandbox: what reeved takes from itself before it serves anybody, whoever started it.
//
// systemd's unit takes more (DESIGN section 2); this holds in a build tree as well, without root.
#pragma once

#include "base/result.h"

namespace reeve {

// No core dumps, no ptrace by the same uid, no new privileges.
Result<void> harden_process();

// A seccomp filter for this process and all its threads: no socket but AF_UNIX (others answer
// EAFNOSUPPORT), no exec, no io_uring, no ptrace or memory of other processes, no mounts, modules,
// BPF or keys.
Result<void> drop_network_and_exec();

}  // namespace reeve
