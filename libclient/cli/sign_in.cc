#include "cli/sign_in.h"

#include <fcntl.h>
#include <spawn.h>
#include <unistd.h>

#include <cstdlib>

#include "cli/failure.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The first of $BROWSER's (they are divided by colons), as far as it is a program alone.
std::string browser() {
  const std::string named = environment("BROWSER");
  if (!named.empty()) return named.substr(0, named.find(':'));
  const bool display = !environment("DISPLAY").empty() || !environment("WAYLAND_DISPLAY").empty();
  return display ? "xdg-open" : "";
}

// Away from this program's terminal and its end. False: it is not there.
bool start(std::string program, std::string argument) {
  char* const argv[] = {program.data(), argument.data(), nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    ::posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t child = -1;
  const int error = ::posix_spawnp(&child, argv[0], &actions, &attributes, argv, environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return error == 0;
}

}  // namespace

bool at_terminal() { return ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1; }

std::string sign_in_link(Daemon& daemon, const std::string& page) {
  Value parameters;
  if (!page.empty()) parameters.set("page", page);
  return daemon.call("ProveUser", parameters).need_text("url");
}

bool open_browser(const std::string& url) {
  const std::string program = browser();
  const bool web = url.starts_with("http://") || url.starts_with("https://");
  return web && !program.empty() && start(program, url);
}

int sign_in(const Options& options) {
  Daemon daemon(Daemon::Door::agent, options);
  const std::string url = sign_in_link(daemon, options.page.value_or(""));
  if (options.json) {
    Value told;
    told.set("url", url);
    print(told.dump());
    return 0;
  }
  complain(open_browser(url) ? "Your browser opens this page:" : "Open this page in your browser:");
  print(url);
  return 0;
}

}  // namespace reeve::cli
