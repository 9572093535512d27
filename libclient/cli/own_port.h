// own_port: the port of 127.0.0.1 at which browsers reach a user's own reeve-bind.
//
// Chosen once, when the daemon is begun, for the redirect URIs that providers know contain it:
// [binding.main] url says it, and a drop-in of reeve-bind.socket has it listened at. Who wants
// another one later changes both (`systemctl --user edit` comes after the drop-in).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace reeve::cli {

// The one asked for; else that of the drop-in, where one is there from before; else the first that
// is free. Throws Failure where there is none, or another program has the one asked for.
int choose_own_port(std::optional<int64_t> asked);

// Writes the drop-in, and has the service manager read it. Where it is.
std::string keep_own_port(int port);

}  // namespace reeve::cli
