#include "unit/libclient/program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

namespace reeve::test {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : std::string(name) + "=" + value;
}

// The two ends of a terminal: ours, and the program's name for it.
int open_terminal(const std::string& typed, std::string& name) {
  const int ours = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
  if (ours < 0 || ::grantpt(ours) != 0 || ::unlockpt(ours) != 0) std::abort();
  name = ::ptsname(ours);
  if (::write(ours, typed.data(), typed.size()) < 0) std::abort();
  return ours;
}

void read_both(const std::array<int, 2>& from, Ran& ran) {
  std::array<pollfd, 2> asked = {pollfd{from[0], POLLIN, 0}, pollfd{from[1], POLLIN, 0}};
  while (asked[0].fd >= 0 || asked[1].fd >= 0) {
    ::poll(asked.data(), asked.size(), -1);
    for (size_t i = 0; i < 2; ++i) {
      if (asked[i].fd < 0 || asked[i].revents == 0) continue;
      char chunk[4096];
      const ssize_t got = ::read(asked[i].fd, chunk, sizeof(chunk));
      if (got > 0) (i == 0 ? ran.out : ran.err).append(chunk, static_cast<size_t>(got));
      else asked[i].fd = -1;
    }
  }
}

}  // namespace

Program& Program::with(const std::string& variable) {
  variables_.push_back(variable);
  return *this;
}

Program& Program::typing(const std::string& text) {
  typed_ = text;
  return *this;
}

Program& Program::reading(const std::string& file) {
  input_ = file;
  return *this;
}

Program& Program::called(const std::string& name) {
  name_ = name;
  return *this;
}

Program& Program::as(unsigned uid) {
  uid_ = uid;
  return *this;
}

Program& Program::to(const std::string& file) {
  file_ = file;
  return *this;
}

Ran Program::run(const std::vector<std::string>& arguments) const {
  const char* program = std::getenv("REEVE_CLI");
  if (program == nullptr) return {};
  std::vector<std::string> words = {name_};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<std::string> variables = variables_;  // of two with one name the first counts
  for (const char* name : {"PATH", "ASAN_OPTIONS", "UBSAN_OPTIONS"}) {
    variables.push_back(variable(name));
  }
  variables.emplace_back("TZ=UTC");
  const std::vector<char*> argv = pointers(words), envp = pointers(variables);
  std::string input = input_.value_or("/dev/null");
  const int terminal = typed_ ? open_terminal(*typed_, input) : -1;
  int out[2], err[2];
  if (::pipe2(out, O_CLOEXEC) != 0 || ::pipe2(err, O_CLOEXEC) != 0) std::abort();
  const pid_t child = ::fork();
  if (child == 0) {
    const int in = ::open(input.c_str(), O_RDWR | O_NOCTTY);
    const int sink = file_ ? ::open(file_->c_str(), O_WRONLY) : out[1];
    const bool placed = ::dup2(in, 0) == 0 && ::dup2(sink, 1) == 1 && ::dup2(err[1], 2) == 2;
    if (placed && (!uid_ || ::setuid(*uid_) == 0)) ::execve(program, argv.data(), envp.data());
    ::_exit(127);
  }
  ::close(out[1]);
  ::close(err[1]);
  Ran ran;
  read_both({out[0], err[0]}, ran);
  ::close(out[0]);
  ::close(err[0]);
  if (terminal >= 0) ::close(terminal);
  int status = -1;
  ::waitpid(child, &status, 0);
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return ran;
}

}  // namespace reeve::test
