// cgroup_tree: the control group of a process, proven, and the names in it that root gave.
//
// Proven: on kernels with PIDFD_GET_INFO (6.13) the group's id, asked by the pidfd, must be the
// inode of the directory that /proc/PID/cgroup names, so that neither a reused pid nor a move
// meanwhile fools us. Root's names: whoever owns a directory names what lies in it. A rootless
// engine and a user's own systemd work below a directory that the user owns; what they call
// "docker-ID.scope" proves nothing. No name below such a directory counts.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "peer/cgroup.h"
#include "peer/peer.h"

namespace reeve {

// cgroup, unit, slices, container, pod, ECS task, rootless, and the scopes that follow from them.
// What cannot be read or proven is left absent.
void read_cgroup(Peer& peer, int pidfd, const std::string& boot);

// Where cgroup v2 is mounted: /sys/fs/cgroup, or its "unified" on hybrid systems. Empty: nowhere.
const std::string& cgroup_root();

// How far down the path root owns the directories, each and all above: a length of the path (0: the
// root only), and the owner of the first that is another's.
struct RootOwned {
  size_t length = 0;
  std::optional<uid_t> other;
};
// nullopt: the path does not exist, or not even the tree's root is root's.
std::optional<RootOwned> root_owned(const std::string& root, const std::string& path);

// The names of the path, as far as root gave them.
void name_peer(Peer& peer, const CgroupNames& names, const RootOwned& owned);

}  // namespace reeve
