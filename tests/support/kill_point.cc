// The kill_point of the programs that the crash harness runs: the file that REEVE_KILL_FILE names
// holds the step at which to die, as "STEP\n". The process that gets there removes it and kills
// itself, as kill -9 would: nothing is flushed, no destructor runs.
#include "base/kill_point.h"

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>

namespace reeve {

void kill_point(const char* step) noexcept {
  const char* const path = std::getenv("REEVE_KILL_FILE");
  if (path == nullptr) return;
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  char wanted[64] = {};
  const ssize_t length = ::read(fd, wanted, sizeof wanted - 1);
  ::close(fd);
  if (length <= 0 || wanted[length - 1] != '\n') return;
  wanted[length - 1] = '\0';
  // Whoever removes it is the one to die.
  if (std::strcmp(wanted, step) == 0 && ::unlink(path) == 0) ::kill(::getpid(), SIGKILL);
}

}  // namespace reeve
