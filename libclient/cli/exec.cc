// exec: a program that gets the token as it starts, in its environment or in a file that only it
// and its children have.
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "cli/failure.h"
#include "cli/lend.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

constexpr const char* kPlace = "{}";  // in the command: where the file's name goes

bool is_variable(const std::string& name) {
  const auto fits = [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !name.empty() && (name[0] < '0' || name[0] > '9') &&
         std::all_of(name.begin(), name.end(), fits);
}

Failure system_failure(const std::string& what) {
  return {kFailed, what + ": " + std::strerror(errno)};
}

// A file in memory that nobody can change; whoever has the descriptor reads it from its beginning
// as /dev/fd/N.
int sealed_file(const std::string& token) {
  const int fd = ::memfd_create("token", MFD_ALLOW_SEALING);
  if (fd < 0) throw system_failure("cannot make a file in memory");
  const bool written =
      ::write(fd, token.data(), token.size()) == ssize_t(token.size()) &&
      ::lseek(fd, 0, SEEK_SET) == 0 && ::fchmod(fd, 0400) == 0 &&
      ::fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) == 0;
  if (!written) throw system_failure("cannot write a file in memory");
  return fd;
}

std::vector<std::string> with_file(std::vector<std::string> command, const std::string& token) {
  const std::string name = "/dev/fd/" + std::to_string(sealed_file(token));
  for (std::string& word : command) {
    for (size_t at = word.find(kPlace); at != std::string::npos; at = word.find(kPlace, at)) {
      word.replace(at, std::strlen(kPlace), name);
      at += name.size();
    }
  }
  return command;
}

void check(const ExecOptions& asked) {
  if (asked.command.empty()) throw Failure(kUsage, "say behind -- what to run");
  if (asked.env && !is_variable(*asked.env)) {
    throw Failure(kUsage, "'" + plain(*asked.env) + "' is no name of a variable");
  }
  const bool placed =
      std::any_of(asked.command.begin(), asked.command.end(),
                  [](const std::string& word) { return word.find(kPlace) != std::string::npos; });
  if (asked.file && !placed) {
    throw Failure(kUsage, "say with {} where in the command the file's name goes");
  }
}

}  // namespace

int exec(const Options& options) {
  const ExecOptions& asked = options.adapters.exec;
  check(asked);
  const Value lent = lend(options);
  const std::string token = lent.need_text("access_token");
  std::vector<std::string> command = asked.command;
  if (asked.file) command = with_file(std::move(command), token);
  if (asked.env || !asked.file) {
    const std::string name = asked.env.value_or(convention_of(options.token.provider).variable);
    if (::setenv(name.c_str(), token.c_str(), 1) != 0) throw system_failure(name);
  }
  std::vector<char*> argv;
  argv.reserve(command.size() + 1);
  for (std::string& word : command) argv.push_back(word.data());
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  const bool absent = errno == ENOENT;
  complain("reeve: " + plain(command[0]) + ": " + std::strerror(errno));
  return absent ? 127 : 126;  // as shells have it
}

}  // namespace reeve::cli
