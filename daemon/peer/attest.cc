#include "peer/attest.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <algorithm>
#include <cerrno>

#include "peer/cgroup.h"
#include "peer/process.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

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

Fd open_pidfd(pid_t pid) { return Fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))); }

// The pidfd of a peer on kernels without SO_PEERPIDFD: the pid may have been taken by another
// process since connect, unless the process now behind it started before this look and is the same
// after.
Result<Fd> pidfd_by_number(pid_t pid) {
  REEVE_TRY(const uint64_t before, start_time(pid));
  Fd fd = open_pidfd(pid);
  if (!fd) return errno_error("pidfd_open", errno);
  REEVE_TRY(const uint64_t after, start_time(pid));
  if (before != after) return Error{Code::unavailable, "the peer's pid changed hands"};
  return fd;
}

std::vector<gid_t> peer_groups(int socket) {
  std::vector<gid_t> groups(64);
  auto length = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
  int status = ::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &length);
  if (status != 0 && errno == ERANGE) {
    groups.resize(length / sizeof(gid_t));
    status = ::getsockopt(socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &length);
  }
  groups.resize(status == 0 ? length / sizeof(gid_t) : 0);
  std::sort(groups.begin(), groups.end());
  return groups;
}

// True unless the kernel says that the process is in another cgroup than the one at that path.
// Kernels without PIDFD_GET_INFO say nothing.
bool cgroup_proven(int pidfd, const std::string& directory) {
  PidfdInfo info{};
  info.mask = kPidfdInfoCgroup;
  if (::ioctl(pidfd, kPidfdGetInfo, &info) != 0 || (info.mask & kPidfdInfoCgroup) == 0) return true;
  struct stat status {};
  return ::stat(directory.c_str(), &status) == 0 && status.st_ino == info.cgroupid;
}

// The inode of the directory `path` below the cgroup file system, if root owns it and all above it.
std::optional<ino_t> root_owned_inode(const std::string& root, const std::string& path) {
  struct stat status {};
  for (size_t end = 1; end != std::string::npos;) {
    end = path.find('/', end + 1);
    if (::lstat((root + path.substr(0, end)).c_str(), &status) != 0 || !S_ISDIR(status.st_mode) ||
        status.st_uid != 0) {
      return std::nullopt;
    }
  }
  return status.st_ino;
}

void add_cgroup(Peer& peer, int pidfd, const std::string& boot) {
  const auto text = read_file("/proc/" + std::to_string(peer.pid) + "/cgroup", size_t{64} * 1024);
  if (!text) return;
  const auto names = parse_cgroup(*text);
  const std::string& root = cgroup_root();
  if (!names || root.empty() || !cgroup_proven(pidfd, root + names->path)) return;
  peer.cgroup = names->path;
  if (names->scope_path.empty()) return;
  const auto inode = root_owned_inode(root, names->scope_path);
  if (!inode) return;
  peer.unit = names->unit;
  peer.container = names->container;
  peer.scope = "cgroup:" + boot + ":" + std::to_string(*inode);
}

// The reads that need only the pid, and the last look at the pidfd.
Result<Attested> complete(Peer peer, Fd pidfd) {
  REEVE_TRY(const std::string boot, boot_id());
  REEVE_TRY(const uint64_t started, start_time(peer.pid));
  peer.initial_user_namespace = in_initial_user_namespace(peer.pid);
  peer.scope = "process:" + boot + ":" + std::to_string(peer.pid) + ":" + std::to_string(started);
  add_cgroup(peer, pidfd.get(), boot);
  if (!alive(pidfd.get())) return Error{Code::unavailable, "the peer has ended"};
  return Attested{std::move(peer), std::move(pidfd)};
}

}  // namespace

PeerPidfd peer_pidfd(int socket) {
  int number = -1;
  socklen_t length = sizeof number;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &number, &length) == 0) {
    return {PidfdOutcome::ok, Fd(number)};
  }
  if (errno == ENOPROTOOPT) return {PidfdOutcome::unsupported, Fd()};
  if (errno == EINVAL || errno == ESRCH) return {PidfdOutcome::reaped, Fd()};
  return {PidfdOutcome::unavailable, Fd()};
}

bool alive(int pidfd) {
  pollfd watched{pidfd, POLLIN, 0};
  int status = 0;
  do status = ::poll(&watched, 1, 0);
  while (status < 0 && errno == EINTR);
  return status == 0;
}

Result<Attested> attest(int socket, const AttestOptions& options) {
  ucred credentials{};
  socklen_t length = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) {
    return errno_error("SO_PEERCRED", errno);
  }
  // pid 0: the peer lives in a pid namespace that we do not see into.
  if (credentials.pid <= 0)
    return Error{Code::denied, "the peer's process cannot be seen from here"};
  Peer peer;
  peer.pid = credentials.pid;
  peer.uid = credentials.uid;
  peer.gid = credentials.gid;
  peer.groups = peer_groups(socket);

  PeerPidfd pidfd =
      options.use_peerpidfd ? peer_pidfd(socket) : PeerPidfd{PidfdOutcome::unsupported, Fd()};
  if (pidfd.outcome == PidfdOutcome::unsupported) {
    REEVE_TRY(pidfd.fd, pidfd_by_number(peer.pid));
  } else if (pidfd.outcome != PidfdOutcome::ok) {
    return Error{Code::unavailable, "the peer has ended"};
  }
  return complete(std::move(peer), std::move(pidfd.fd));
}

Result<Attested> attest_pid(pid_t pid) {
  REEVE_TRY(Fd pidfd, pidfd_by_number(pid));
  Peer peer;
  peer.pid = pid;
  REEVE_CHECK(read_credentials(pid, peer));
  return complete(std::move(peer), std::move(pidfd));
}

}  // namespace reeve
