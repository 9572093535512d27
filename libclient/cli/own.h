// own: where a user's own daemon has its things (`reeve setup user`, systemctl --user), by the XDG
// Base Directory Specification; each in a directory "reeve".
#pragma once

#include <optional>
#include <string>

namespace reeve::cli::own {

// Throw Failure where $HOME would have to say it, and does not.
std::string configuration_directory();
std::string state_directory();
// Of its sockets.
std::string runtime_directory();

// One of its sockets, where it is there and the caller's (reeve.h).
std::optional<std::string> socket(const char* name);

// The program that its units answer to, for advice: of the daemon with that socket.
std::string systemctl(const std::string& socket);

}  // namespace reeve::cli::own
