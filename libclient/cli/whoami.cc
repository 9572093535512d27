#include "cli/daemon.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {

int whoami(const Options& options) {
  const Value reply = Daemon(Daemon::Door::agent, options).call("WhoAmI");
  if (options.json) {
    print(reply.dump());
    return 0;
  }
  const auto workload = reply.text("workload");
  print("workload: " + (workload ? plain(*workload) : "none that the policy knows"));
  if (const Value* evidence = reply.find("evidence")) {
    for (const auto& [name, value] : evidence->members()) {
      if (value.string() != nullptr) print("  " + plain(name) + ": " + plain(*value.string()));
    }
  }
  return 0;
}

}  // namespace reeve::cli
