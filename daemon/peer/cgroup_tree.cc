#include "peer/cgroup_tree.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>

#include "peer/process.h"

namespace reeve {
namespace {

// <linux/pidfd.h> of Linux 6.13; older headers lack it.
struct PidfdInfo {
  uint64_t mask, cgroupid;
  uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
  int32_t exit_code;
};
constexpr uint64_t kPidfdInfoCgroup = 1u << 2;
constexpr unsigned long kPidfdGetInfo = _IOWR(0xFF, 11, PidfdInfo);

// True unless the kernel says that the process is in another cgroup than the one at that path.
// Kernels without PIDFD_GET_INFO say nothing.
bool cgroup_proven(int pidfd, const std::string& directory) {
  PidfdInfo info{};
  info.mask = kPidfdInfoCgroup;
  if (::ioctl(pidfd, kPidfdGetInfo, &info) != 0 || (info.mask & kPidfdInfoCgroup) == 0) return true;
  struct stat status {};
  return ::stat(directory.c_str(), &status) == 0 && status.st_ino == info.cgroupid;
}

std::string scope_of(const std::string& boot, const std::string& directory) {
  struct stat status {};
  if (::lstat(directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return "";
  return "cgroup:" + boot + ":" + std::to_string(status.st_ino);
}

}  // namespace

const std::string& cgroup_root() {
  static const std::string root = [] {
    for (const char* path : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
      if (::access((std::string(path) + "/cgroup.procs").c_str(), F_OK) == 0)
        return std::string(path);
    }
    return std::string();
  }();
  return root;
}

std::optional<RootOwned> root_owned(const std::string& root, const std::string& path) {
  RootOwned owned;
  for (size_t end = 0; !owned.other; end = path.find('/', end + 1)) {
    struct stat status {};
    const bool whole = end == std::string::npos;
    const std::string directory = root + path.substr(0, end);
    if (::lstat(directory.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) return std::nullopt;
    if (status.st_uid != 0 && end == 0) return std::nullopt;
    if (status.st_uid != 0) owned.other = status.st_uid;
    else owned.length = whole ? path.size() : end;
    if (whole) break;
  }
  return owned;
}

void name_peer(Peer& peer, const CgroupNames& names, const RootOwned& owned) {
  // A container's own directory must be root's too: root alone runs the engine.
  const auto whole = [&](const CgroupName& name) { return name.end <= owned.length; };
  // A unit's may be delegated; its name is the work of who owns the directory above.
  const auto named = [&](const CgroupName& name) { return name.begin <= owned.length; };
  for (const CgroupName& slice : names.slices) {
    if (whole(slice)) peer.slices.push_back(slice.name);
  }
  if (names.unit && named(*names.unit)) peer.unit = names.unit->name;
  if (!names.container) return;
  if (whole(*names.container)) {
    peer.container = names.container->name;
    if (names.pod) peer.pod = names.pod->name;
    if (names.ecs_task) peer.ecs_task = names.ecs_task->name;
  } else if (owned.other) {
    const std::string& name = names.container->name;
    peer.rootless = Rootless{name.substr(0, name.find(':')), *owned.other};
  }
}

void read_cgroup(Peer& peer, int pidfd, const std::string& boot) {
  const auto text = read_proc(peer.pid, "cgroup");
  if (!text) return;
  const auto names = parse_cgroup(*text);
  const std::string& root = cgroup_root();
  if (!names || root.empty() || !cgroup_proven(pidfd, root + names->path)) return;
  const auto owned = names->path == "/" ? RootOwned{} : root_owned(root, names->path);
  if (!owned) return;
  peer.cgroup = names->path;
  name_peer(peer, *names, *owned);
  const auto directory = [&](const CgroupName& name) {
    return root + names->path.substr(0, name.end);
  };
  if (peer.container) peer.container_scope = scope_of(boot, directory(*names->container));
  if (peer.unit) peer.unit_scope = scope_of(boot, directory(*names->unit));
  // In a unit that was delegated to a user, that user arranges who runs where: there the process
  // stands for itself unless the policy says otherwise.
  if (!peer.container_scope.empty()) peer.scope = peer.container_scope;
  else if (!peer.unit_scope.empty() && names->unit->end <= owned->length)
    peer.scope = peer.unit_scope;
}

}  // namespace reeve
