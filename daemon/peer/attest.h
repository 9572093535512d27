// attest: reads what the kernel says of the process at the other end of a socket, and freezes it as
// a Peer.
//
// In this order (DESIGN section 5): SO_PEERCRED, a pidfd (SO_PEERPIDFD, or pidfd_open with a
// start-time check before and after), the reads from /proc, and last that the pidfd is still alive.
// A peer that is gone by then is no peer. Needs no privilege and no namespace of the caller's.
#pragma once

#include "base/fd.h"
#include "base/result.h"
#include "peer/peer.h"

namespace reeve {

// How the pidfd of a peer came out.
enum class PidfdOutcome { ok, unsupported, unavailable, reaped };

struct PeerPidfd {
  PidfdOutcome outcome = PidfdOutcome::unavailable;
  Fd fd;
};
// SO_PEERPIDFD (Linux 6.5). On new kernels it succeeds for a reaped peer too: ask alive() as well.
PeerPidfd peer_pidfd(int socket);
// True while the process of the pidfd has not ended.
bool alive(int pidfd);

struct Attested {
  Peer peer;
  Fd pidfd;  // readable once the peer has ended
};

struct AttestOptions {
  bool use_peerpidfd = true;  // false: as on kernels before 6.5, for tests
};

Result<Attested> attest(int socket, const AttestOptions& options = {});
// The same of a process by its number, for `reeve explain --pid`; the caller vouches for the
// number.
Result<Attested> attest_pid(pid_t pid);

// The boot's id (/proc/sys/kernel/random/boot_id).
Result<std::string> boot_id();

}  // namespace reeve
