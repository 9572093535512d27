#include "cli/run.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "cli/failure.h"
#include "cli/terminal.h"

namespace reeve::cli {
namespace {

struct Pipe {
  Pipe() {
    if (::pipe2(ends, O_CLOEXEC) != 0) throw Failure(kFailed, std::strerror(errno));
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close(0);
    close(1);
  }
  void close(int end) {
    if (ends[end] >= 0) ::close(ends[end]);
    ends[end] = -1;
  }
  int ends[2] = {-1, -1};
};

std::string program_of(const std::string& name) {
  if (name.rfind('/', 0) == 0) return name;
  for (const char* place : {"/usr/bin/", "/usr/sbin/", "/bin/", "/sbin/"}) {
    std::string path = place + name;
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  throw Failure(kFailed, "this system has no " + plain(name));
}

pid_t start(const std::string& program, std::vector<std::string>& words, int input, int output) {
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments.data(), ::environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw Failure(kFailed, plain(program) + ": " + std::strerror(error));
  return pid;
}

void write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;  // it reads no more: its status tells
    text.remove_prefix(static_cast<size_t>(written));
  }
}

std::string read_all(int fd) {
  std::string text;
  char chunk[4096];
  ssize_t got = 0;
  while ((got = ::read(fd, chunk, sizeof(chunk))) > 0 || (got < 0 && errno == EINTR)) {
    if (got > 0) text.append(chunk, static_cast<size_t>(got));
  }
  return text;
}

}  // namespace

Ran run(std::vector<std::string> words, std::string_view input) {
  const std::string program = program_of(words.at(0));
  Pipe given, said;
  // Written before anybody reads: it fits into the pipe, and a program that ends early is no
  // signal.
  ::fcntl(given.ends[1], F_SETFL, O_NONBLOCK);
  write_all(given.ends[1], input);
  given.close(1);
  const pid_t pid = start(program, words, given.ends[0], said.ends[1]);
  given.close(0);
  said.close(1);
  Ran ran;
  ran.said = read_all(said.ends[0]);
  int status = -1;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  ran.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128;
  return ran;
}

}  // namespace reeve::cli
