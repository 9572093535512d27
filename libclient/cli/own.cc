#include "cli/own.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>

#include "cli/failure.h"

namespace reeve::cli::own {
namespace {

// $NAME/reeve; without that variable, there in $HOME.
std::string directory_of(const char* name, const char* in_home) {
  const char* value = std::getenv(name);
  if (value != nullptr && *value == '/') return std::string(value) + "/reeve";
  const char* home = std::getenv("HOME");
  if (home != nullptr && *home == '/') return std::string(home) + in_home + "/reeve";
  throw Failure(kFailed, std::string("a daemon of your own needs $HOME or $") + name);
}

}  // namespace

std::string configuration_directory() { return directory_of("XDG_CONFIG_HOME", "/.config"); }

std::string state_directory() { return directory_of("XDG_STATE_HOME", "/.local/state"); }

std::string runtime_directory() {
  const char* value = std::getenv("XDG_RUNTIME_DIR");
  if (value != nullptr && *value == '/') return std::string(value) + "/reeve";
  return "/run/user/" + std::to_string(::geteuid()) + "/reeve";
}

std::optional<std::string> socket(const char* name) {
  const char* runtime = ::secure_getenv("XDG_RUNTIME_DIR");
  if (runtime == nullptr || *runtime != '/') return std::nullopt;
  std::string path = std::string(runtime) + "/reeve/" + name;
  struct stat seen = {};
  const bool ours =
      ::lstat(path.c_str(), &seen) == 0 && S_ISSOCK(seen.st_mode) && seen.st_uid == ::geteuid();
  return ours ? std::optional(path) : std::nullopt;
}

std::string systemctl(const std::string& socket) {
  const bool ours = ::geteuid() != 0 && socket.rfind(runtime_directory() + "/", 0) == 0;
  return ours ? "systemctl --user" : "systemctl";
}

}  // namespace reeve::cli::own
