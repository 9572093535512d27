// attest: reads what the kernel says of the process at the other end of a socket, and freezes it as
// a Peer.
//
// In this order (DESIGN section 5): SO_PEERCRED, a pidfd (tracking.h), one evidence source after
// the other, and last that the pidfd is still alive: a peer that is gone by then is no peer. Needs
// no privilege and no namespace of the caller's.
//
// On kernels before 6.5 the peer is found by its number, so its user and group must still be those
// that connected. What stays: a number that another process of the same user took over between
// connect and accept.
#pragma once

#include "base/fd.h"
#include "base/result.h"
#include "peer/peer.h"
#include "peer/tracking.h"

namespace reeve {

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

}  // namespace reeve
