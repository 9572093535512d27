// cgroup: what the "0::" line of /proc/PID/cgroup says of a process: its path, unit and container.
//
// Pure. Whether root owns the directories, without which neither unit nor container counts, is
// attest.cc's to ask: a rootless engine or a user's own systemd can make any name below its own
// subtree.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reeve {

struct CgroupNames {
  std::string path;                      // "/system.slice/triage.service"
  std::optional<std::string> unit;       // "triage.service"
  std::optional<std::string> container;  // "docker:ID", "podman:ID", "containerd:ID", "cri-o:ID"
  // The directory (a prefix of path) that stands for the unit or container: what sessions are tied
  // to.
  std::string scope_path;
};

// Reads the text of /proc/PID/cgroup: only its "0::" line counts. nullopt: no such line, or a path
// that is not absolute, has "..", empty or overlong parts, or control characters.
std::optional<CgroupNames> parse_cgroup(std::string_view text);

}  // namespace reeve
