#include "peer/user.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <sstream>

#include "peer/process.h"

namespace reeve {
namespace {

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

}  // namespace

Result<void> read_peer_user(int socket, Peer& peer) {
  ucred credentials{};
  socklen_t length = sizeof credentials;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0)
    return errno_error("SO_PEERCRED", errno);
  if (credentials.pid <= 0)
    return Error{Code::denied, "the peer's process cannot be seen from here"};
  peer.pid = credentials.pid;
  peer.uid = credentials.uid;
  peer.gid = credentials.gid;
  peer.groups = peer_groups(socket);
  return {};
}

Result<void> read_credentials(pid_t pid, Peer& peer) {
  REEVE_TRY(const std::string text, read_proc(pid, "status"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    unsigned long real = 0, effective = 0;
    words >> name;
    if (name == "Uid:" && words >> real >> effective) peer.uid = static_cast<uid_t>(effective);
    if (name == "Gid:" && words >> real >> effective) peer.gid = static_cast<gid_t>(effective);
    if (name == "Groups:") {
      for (unsigned long group = 0; words >> group;)
        peer.groups.push_back(static_cast<gid_t>(group));
    }
  }
  std::sort(peer.groups.begin(), peer.groups.end());
  return {};
}

}  // namespace reeve
