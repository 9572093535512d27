// examine: what doctor looks at beside the daemon itself: the files in which secrets are kept, and
// the units. The system's, as root, or those of a daemon of one's own.
#pragma once

#include <string>

#include "cli/findings.h"

namespace reeve::cli {

// What starts a daemon of one's own, now and from now on.
constexpr const char* kBeginOwn = "systemctl --user enable --now reeved.socket reeve-bind.socket";

// Only root can look into it.
void examine_system_secrets(Findings& findings);
void examine_system_units(Findings& findings);

void examine_own_files(Findings& findings);
void examine_own_units(Findings& findings);

// Of what a program said.
std::string last_line(std::string text);

}  // namespace reeve::cli
