// Peer: what the kernel says of a caller, read once at accept and then frozen on its connection.
//
// Only what the caller cannot forge stands here (DESIGN section 5). What could not be read or
// proven is absent, and a rule that names it does not match.
#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "peer/attestation.h"

namespace reeve {

// A container that its owner's own engine made: nobody can prove its id.
struct Rootless {
  std::string engine;                    // "podman"
  uid_t owner = static_cast<uid_t>(-1);  // of its cgroup

  bool operator==(const Rootless&) const = default;
};

struct Peer {
  pid_t pid = 0;
  uid_t uid = static_cast<uid_t>(-1);
  gid_t gid = static_cast<gid_t>(-1);
  std::vector<gid_t> groups;             // supplementary, sorted
  std::optional<std::string> cgroup;     // the "0::" path of /proc/PID/cgroup, "/" for the root
  std::optional<std::string> unit;       // systemd unit of that path, named by root
  std::vector<std::string> slices;       // the slices above it, outermost first, named by root
  std::optional<std::string> container;  // "ENGINE:ID", from root-owned cgroups only
  std::optional<std::string> pod;        // of that container
  std::optional<std::string> ecs_task;   // of that container
  std::optional<Rootless> rootless;
  std::optional<std::string> lsm;  // SO_PEERSEC: an SELinux context, an AppArmor profile
  // True only if the caller is known to live in the initial namespace.
  bool initial_user_namespace = false;
  bool initial_pid_namespace = false;
  Attestation attested;
  // What sessions are tied to: "cgroup:BOOT:INODE" of the container or unit, else
  // "process:BOOT:PID:START".
  std::string scope;
  // The single ones, empty where there is none.
  std::string process_scope, unit_scope, container_scope;

  // All of it as text for WhoAmI and the audit: "uid" -> "1000", "unit" -> "triage.service".
  std::map<std::string, std::string> evidence() const;
};

}  // namespace reeve
