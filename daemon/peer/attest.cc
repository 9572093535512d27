#include "peer/attest.h"

#include "peer/cgroup_tree.h"
#include "peer/lsm.h"
#include "peer/namespaces.h"
#include "peer/process.h"
#include "peer/user.h"

namespace reeve {
namespace {

// The reads that need only the pid, and the last look at the pidfd.
Result<Attested> complete(Peer peer, Fd pidfd) {
  REEVE_TRY(const std::string boot, boot_id());
  REEVE_TRY(const uint64_t started, start_time(peer.pid));
  peer.process_scope =
      "process:" + boot + ":" + std::to_string(peer.pid) + ":" + std::to_string(started);
  peer.scope = peer.process_scope;
  read_namespaces(peer);
  read_cgroup(peer, pidfd.get(), boot);
  if (!alive(pidfd.get())) return Error{Code::unavailable, "the peer has ended"};
  return Attested{std::move(peer), std::move(pidfd)};
}

// By number: who has it now must be who connected, as far as /proc tells.
Result<Fd> pidfd_of_number(const Peer& peer) {
  REEVE_TRY(Fd fd, pidfd_by_number(peer.pid));
  Peer now;
  REEVE_CHECK(read_credentials(peer.pid, now));
  if (now.uid != peer.uid || now.gid != peer.gid)
    return Error{Code::unavailable, "the peer's pid belongs to another user by now"};
  return fd;
}

Result<Fd> track(int socket, const Peer& peer, const AttestOptions& options) {
  PeerPidfd pidfd =
      options.use_peerpidfd ? peer_pidfd(socket) : PeerPidfd{PidfdOutcome::unsupported, Fd(), 0};
  switch (pidfd.outcome) {
    case PidfdOutcome::ok: return std::move(pidfd.fd);
    case PidfdOutcome::unsupported: return pidfd_of_number(peer);
    case PidfdOutcome::reaped: break;
    case PidfdOutcome::unavailable: return errno_error("the peer's pidfd", pidfd.error);
  }
  return Error{Code::unavailable, "the peer has ended"};
}

}  // namespace

Result<Attested> attest(int socket, const AttestOptions& options) {
  Peer peer;
  REEVE_CHECK(read_peer_user(socket, peer));
  REEVE_TRY(Fd pidfd, track(socket, peer, options));
  peer.lsm = read_lsm_label(socket);
  return complete(std::move(peer), std::move(pidfd));
}

Result<Attested> attest_pid(pid_t pid) {
  REEVE_TRY(Fd pidfd, pidfd_by_number(pid));
  Peer peer;
  peer.pid = pid;
  REEVE_CHECK(read_credentials(pid, peer));
  return complete(std::move(peer), std::move(pidfd));
}

}  // namespace reeve
