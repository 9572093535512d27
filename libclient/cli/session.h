// The session that `reeve token` asks in: one that was handed over, or one of its own.
#pragma once

#include <string>

#include "cli/daemon.h"
#include "cli/options.h"

namespace reeve::cli {

struct Session {
  std::string handle;
  bool own = false;  // opened here, and ours to close
};

// By the options or else the environment; opens one where a user is named. Throws Failure.
Session open_session(Daemon& daemon, const Identity& identity);

// Ends it if it is our own; that this fails is of no interest.
void close_session(Daemon& daemon, const Session& session);

}  // namespace reeve::cli
