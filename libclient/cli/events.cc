// events: what the audit writes, as it happens: refused flows above all.
#include <limits>

#include "cli/daemon.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

// "visitor=https://login.example.com mallory", or nothing.
std::string person(const Value& event, const char* name) {
  const Value* user = event.find(name);
  if (user == nullptr) return "";
  return " " + std::string(name) + "=" + user->text("issuer").value_or("?") + " " +
         user->text("subject").value_or("?");
}

std::string line_of(const Value& event) {
  std::string line = when(event.integer("time")) + " " + event.text("event").value_or("?") + " " +
                     event.text("outcome").value_or("-");
  for (const char* name : {"reason", "rule", "workload"}) {
    if (const auto text = event.text(name)) line += " " + std::string(name) + "=" + *text;
  }
  line += person(event, "user") + person(event, "visitor");
  for (const char* name : {"browser", "provider", "account", "consent", "grant", "session"}) {
    if (const auto text = event.text(name)) line += " " + std::string(name) + "=" + *text;
  }
  return plain(line);
}

}  // namespace

int events(const Options& options) {
  const Daemon daemon(Daemon::Door::admin, options);
  const auto take = [&options](const Value& reply) {
    const int64_t dropped = reply.integer("dropped").value_or(0);
    if (dropped > 0) complain("reeve: " + std::to_string(dropped) + " records were not told");
    const Value* event = reply.find("event");
    if (event == nullptr) return true;
    print(options.json ? event->dump() : line_of(*event));
    return options.events.follow;
  };
  daemon.stream(
      "Events", Value(), [] { return std::numeric_limits<int>::max(); }, take);
  return 0;
}

}  // namespace reeve::cli
