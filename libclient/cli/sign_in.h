// Signing the user of this process in on the pages of this host, by its uid: the daemon gives a
// link with a code (ProveUser), and the user's own browser opens it.
#pragma once

#include <optional>
#include <string>

#include "cli/daemon.h"

namespace reeve::cli {

// Standard error and input are a person's terminal.
bool at_terminal();

// The link that signs in and goes on to `page` (empty: the connections). Throws Failure.
std::string sign_in_link(Daemon& daemon, const std::string& page);

// Has $BROWSER, or where there is a display xdg-open, show it; false: there is none to be asked.
bool open_browser(const std::string& url);

}  // namespace reeve::cli
