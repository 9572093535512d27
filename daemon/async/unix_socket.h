// unix_socket: listening and connecting on Unix stream sockets.
#pragma once

#include <string>

#include "async/fd_watch.h"
#include "base/fd.h"

namespace reeve {

// Makes a listening socket at that path with that mode, replacing what a dead process left there.
// Used by programs that are not handed one (LISTEN_FDS), and by tests.
Result<Fd> listen_unix(const std::string& path, unsigned mode);
// Connects without blocking; a full backlog is tried again until the deadline.
Task<Result<Fd>> connect_unix(Loop& loop, std::string path, int64_t timeout_milliseconds);

// Accepts connections, one at a time; lives through a shortage of descriptors.
class Acceptor final {
 public:
  Acceptor(Loop& loop, Fd listening);
  Task<Fd> accept();
  int socket() const { return listening_.get(); }

 private:
  Loop& loop_;
  Fd listening_;
  Readiness readiness_;
};

}  // namespace reeve
