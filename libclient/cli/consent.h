// What `reeve token` does where the user must consent first: show what the user needs, and with
// --wait sit it out. The daemon pushes; nothing here polls.
#pragma once

#include <string>

#include "cli/daemon.h"
#include "cli/failure.h"
#include "cli/session.h"

namespace reeve::cli {

bool is_consent_required(const Failure& failure);

// Link and phrase on stderr, for the user at this terminal. A user of this host is signed in on the
// way: by a browser that is opened, where he sits at this terminal.
void show_consent(Daemon& daemon, const Session& session, const Failure& required,
                  const Options& options);

// Whether to wait for the user's answer: as told, or where he sits at this terminal.
bool waits(const Session& session, const Options& options);

// Returns once granted; throws Failure for how else it ended. A consent outlives a restart of the
// daemon, so a wait whose connection ends is taken up again for a while.
void await_consent(const Daemon& daemon, const std::string& session, const Failure& required);

}  // namespace reeve::cli
