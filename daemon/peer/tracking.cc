#include "peer/tracking.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <cerrno>

#include "peer/process.h"

#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

namespace reeve {

PidfdOutcome pidfd_outcome(int error) {
  if (error == ENOPROTOOPT) return PidfdOutcome::unsupported;
  if (error == EINVAL || error == ESRCH) return PidfdOutcome::reaped;
  return PidfdOutcome::unavailable;
}

PeerPidfd peer_pidfd(int socket) {
  int number = -1;
  socklen_t length = sizeof number;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERPIDFD, &number, &length) == 0)
    return {PidfdOutcome::ok, Fd(number)};
  return {pidfd_outcome(errno), Fd(), errno};
}

Result<Fd> pidfd_by_number(pid_t pid) {
  REEVE_TRY(const uint64_t before, start_time(pid));
  Fd fd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!fd) return errno_error("pidfd_open", errno);
  REEVE_TRY(const uint64_t after, start_time(pid));
  if (before != after) return Error{Code::unavailable, "the peer's pid changed hands"};
  return fd;
}

bool alive(int pidfd) {
  pollfd watched{pidfd, POLLIN, 0};
  int status = 0;
  do status = ::poll(&watched, 1, 0);
  while (status < 0 && errno == EINTR);
  return status == 0;
}

}  // namespace reeve
