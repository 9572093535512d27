// The kill_point of the programs that the crash harness runs: the file ../kill/PROGRAM beside the
// program's directory holds the step at which to die, as "STEP\n". The process that gets there
// removes it and kills itself, as kill -9 would: nothing is flushed, no destructor runs.
#include "base/kill_point.h"

#include <fcntl.h>
#include <sys/auxv.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <string>

namespace reeve {
namespace {

std::string file_of_this_program() {
  const auto* const program = reinterpret_cast<const char*>(::getauxval(AT_EXECFN));
  std::string path = program == nullptr ? "" : program;
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {};
  return path.substr(0, slash) + "/../kill" + path.substr(slash);
}

}  // namespace

void kill_point(const char* step) noexcept {
  static const std::string path = file_of_this_program();
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  char wanted[64] = {};
  const ssize_t length = ::read(fd, wanted, sizeof wanted - 1);
  ::close(fd);
  if (length <= 0 || wanted[length - 1] != '\n') return;
  wanted[length - 1] = '\0';
  // Whoever removes it is the one to die.
  if (std::strcmp(wanted, step) == 0 && ::unlink(path.c_str()) == 0) ::kill(::getpid(), SIGKILL);
}

}  // namespace reeve
