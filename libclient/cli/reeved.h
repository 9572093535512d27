// Runs reeved for what it does without being the daemon (--restore and the like), and keeps what it
// says.
#pragma once

#include <string>
#include <vector>

namespace reeve::cli {

// Looked for beside this program, in the sbin beside its directory, on $PATH, in the system's sbin.
// Throws Failure if it cannot be found.
std::string find_reeved();

struct Said {
  int status = -1;
  std::vector<std::string> lines;
};
Said run_reeved(const std::vector<std::string>& arguments);
// The same with the credentials that reeved.service has: as a unit of its own, where systemd runs
// and the caller is root. Paths among the arguments are absolute.
Said run_reeved_with_credentials(const std::vector<std::string>& arguments);

}  // namespace reeve::cli
