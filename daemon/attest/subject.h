// subject: the process that a pidfd stands for.
//
// Everything is read by number from /proc, and counts only if the pidfd is alive afterwards: a
// number is not given to another process while its own lives.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

namespace reeve {

// nullopt: no pidfd, or its process has ended.
std::optional<pid_t> pid_of(int pidfd);
// Of the text of /proc/self/fdinfo/N.
std::optional<pid_t> pid_in_fdinfo(const std::string& text);
bool subject_alive(int pidfd);

// Whether it has the mount namespace of the host's first process, or ours where that one's is
// hidden; nullopt: cannot be seen.
std::optional<bool> in_initial_mount_namespace(pid_t pid);

}  // namespace reeve
