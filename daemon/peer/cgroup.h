// cgroup: what the "0::" line of /proc/PID/cgroup says of a process: its path, and what the parts
// of that path name: slices, unit, pod, container, ECS task.
//
// Pure. A name counts only if root gave it: whoever owns a directory names what lies in it, so each
// name comes with the length of the path up to it, and cgroup_tree.h asks who owns what lies above.
// Of several containers the outermost counts: what lies below is its own to name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve {

// A part of the path that has a meaning.
struct CgroupName {
  std::string name;
  size_t begin = 0, end = 0;  // of the part: path.substr(0, end) is its directory

  bool operator==(const CgroupName&) const = default;
};

struct CgroupNames {
  std::string path;                     // "/system.slice/triage.service"
  std::vector<CgroupName> slices;       // "system.slice", outermost first, those above the unit
  std::optional<CgroupName> unit;       // "triage.service": the first, which is systemd's own
  std::optional<CgroupName> pod;        // above the container
  std::optional<CgroupName> ecs_task;   // above the container
  std::optional<CgroupName> container;  // "docker:ID"
};

// Reads the text of /proc/PID/cgroup: only its "0::" line counts. nullopt: no such line, or a path
// that is not absolute, has "..", empty or overlong parts, or control characters.
std::optional<CgroupNames> parse_cgroup(std::string_view text);

}  // namespace reeve
