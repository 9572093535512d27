// check: runs `reeved --check`, which reads a configuration as the daemon would.
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <map>
#include <sstream>

#include "cli/failure.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

// Beside this program, in the sbin beside its directory, on $PATH, in the system's sbin.
std::string find_reeved() {
  std::error_code ignored;
  const auto here = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  std::vector<std::filesystem::path> places = {here, here.parent_path() / "sbin"};
  const char* path = std::getenv("PATH");
  std::istringstream parts(path == nullptr ? "" : path);
  for (std::string part; std::getline(parts, part, ':');) {
    if (!part.empty() && part[0] == '/') places.emplace_back(part);
  }
  for (const char* place : {"/usr/local/sbin", "/usr/sbin", "/sbin"}) places.emplace_back(place);
  for (const auto& place : places) {
    std::string program = place / "reeved";
    if (::access(program.c_str(), X_OK) == 0) return program;
  }
  throw Failure(kFailed, "cannot find reeved, which does the checking: is it installed?");
}

pid_t start(const std::string& program, const CheckOptions& options, int said) {
  std::vector<std::string> words = {program, "--check"};
  if (options.file) words.insert(words.end(), {"--config", *options.file});
  if (options.presets) words.insert(words.end(), {"--presets", *options.presets});
  if (options.same_user) words.emplace_back("--same-user");
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, said, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, said, STDERR_FILENO);
  pid_t pid = -1;
  const int error =
      ::posix_spawn(&pid, program.c_str(), &actions, nullptr, arguments.data(), ::environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw Failure(kFailed, plain(program) + ": " + std::strerror(error));
  return pid;
}

std::string read_all(int fd) {
  std::string text;
  char chunk[4096];
  ssize_t got = 0;
  while ((got = ::read(fd, chunk, sizeof(chunk))) > 0 || (got < 0 && errno == EINTR)) {
    if (got > 0) text.append(chunk, static_cast<size_t>(got));
  }
  ::close(fd);
  return text;
}

struct Outcome {
  bool valid = false;
  std::vector<std::string> warnings, errors;
  std::map<std::string, std::string> redirects;  // by table
};

Outcome run(const std::string& program, const CheckOptions& options) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw Failure(kFailed, std::strerror(errno));
  const pid_t pid = start(program, options, ends[1]);
  ::close(ends[1]);
  std::istringstream said(read_all(ends[0]));
  int status = -1;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  Outcome outcome;
  outcome.valid = WIFEXITED(status) && WEXITSTATUS(status) == 0;
  const std::string mark = "warning: ", redirect = "] redirect_uri to register: ";
  for (std::string line; std::getline(said, line);) {
    const size_t at = line.find(redirect);
    if (line.rfind(mark, 0) == 0) outcome.warnings.push_back(line.substr(mark.size()));
    else if (!outcome.valid && !line.empty()) outcome.errors.push_back(line);
    else if (line.rfind('[', 0) == 0 && at != std::string::npos)
      outcome.redirects[line.substr(1, at - 1)] = line.substr(at + redirect.size());
  }
  if (!outcome.valid && outcome.errors.empty()) {
    outcome.errors.push_back(program + " ended without saying why");
  }
  return outcome;
}

}  // namespace

int check(const Options& options) {
  const Outcome outcome = run(find_reeved(), options.check);
  if (options.json) {
    Value told;
    Value uris;
    for (const auto& [table, uri] : outcome.redirects) uris.set(table.c_str(), uri);
    told.set("valid", outcome.valid)
        .set("warnings", Value::of(outcome.warnings))
        .set("errors", Value::of(outcome.errors))
        .set("redirect_uris", std::move(uris));
    print(told.dump());
  } else {
    for (const std::string& warning : outcome.warnings) complain("warning: " + plain(warning));
    for (const std::string& error : outcome.errors) complain(plain(error));
    if (outcome.valid) print("no errors");
    for (const auto& [table, uri] : outcome.redirects) {
      print("redirect URI of " + plain(table) + ": " + plain(uri));
    }
  }
  return outcome.valid ? kOk : kFailed;
}

}  // namespace reeve::cli
