// tracking: a hold on the process at the other end of a socket that no reuse of its pid can break.
//
// SO_PEERPIDFD (Linux 6.5) names the very process that connected. Before, its number is all there
// is: pidfd_open() with the start time read before and after shows that the number did not change
// hands meanwhile. It cannot show whether it had changed hands before; see attest.h.
#pragma once

#include <sys/types.h>

#include "base/fd.h"
#include "base/result.h"

namespace reeve {

// How the pidfd of a peer came out.
//  ok           it is there (on new kernels of a reaped peer too: ask alive() as well)
//  unsupported  the kernel is too old
//  reaped       the peer has ended and was waited for
//  unavailable  for another reason: no descriptor left, say. The same peer may be told again later
enum class PidfdOutcome { ok, unsupported, unavailable, reaped };

struct PeerPidfd {
  PidfdOutcome outcome = PidfdOutcome::unavailable;
  Fd fd;
  int error = 0;  // errno where unavailable
};
PeerPidfd peer_pidfd(int socket);
// What an errno of SO_PEERPIDFD means.
PidfdOutcome pidfd_outcome(int error);

// The pidfd by the process's number.
Result<Fd> pidfd_by_number(pid_t pid);

// True while the process of the pidfd has not ended.
bool alive(int pidfd);

}  // namespace reeve
