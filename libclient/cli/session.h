// The session that `reeve token` asks in: one that was handed over, or one of its own.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "cli/daemon.h"
#include "cli/options.h"

namespace reeve::cli {

struct Session {
  std::string handle;
  bool own = false;           // opened here, and ours to close
  bool of_this_host = false;  // for the user that this process runs as
};

// Longer than a consent may stay open, since one that was asked for must outlive this program.
constexpr int64_t kLifetime = 900;  // seconds

// By the options or else the environment, or else, at a terminal, for the user of this process;
// opens one where a user is named. lifetime: of one that is opened; none: what the policy says.
// Throws Failure.
Session open_session(Daemon& daemon, const Identity& identity,
                     std::optional<int64_t> lifetime = kLifetime);

// Ends it if it is our own; that this fails is of no interest.
void close_session(Daemon& daemon, const Session& session);

}  // namespace reeve::cli
