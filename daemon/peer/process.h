// process: the files of a process that everyone may read, and the boot's id.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>

#include "base/result.h"

namespace reeve {

// The text of /proc/PID/NAME, at most 64 KiB.
Result<std::string> read_proc(pid_t pid, const char* name);
// Field 22 of /proc/PID/stat (proc(5)): clock ticks from boot to the start of the process.
Result<uint64_t> start_time(pid_t pid);
// The boot's id (/proc/sys/kernel/random/boot_id).
Result<std::string> boot_id();

}  // namespace reeve
