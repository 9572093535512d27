// watch: what happens to a session's tokens and grants, a line an event.
#include <chrono>
#include <climits>
#include <optional>
#include <thread>

#include "cli/failure.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

constexpr int kQuietMs = INT_MAX;  // a stream is silent until something happens
using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPause(200);  // while the daemon restarts

void tell_event(const Value& event, bool json) {
  if (json) return print(event.dump());
  std::string line = plain(event.need_text("event"));
  for (const char* name : {"provider", "grant"}) {
    if (const auto text = event.text(name)) line += std::string(" ") + name + "=" + plain(*text);
  }
  print(line);
}

// One stream, to its end.
void follow(const Daemon& daemon, const Value& parameters, bool json, bool& heard) {
  daemon.stream(
      "Watch", parameters, [] { return kQuietMs; },
      [&](const Value& event) {
        heard = true;
        tell_event(event, json);
        return true;
      });
}

}  // namespace

int watch(const Options& options) {
  Daemon daemon(Daemon::Door::agent, options);
  const Session session = open_session(daemon, options.token.identity, std::nullopt);
  Value parameters;
  parameters.set("session", session.handle);
  std::optional<Clock::time_point> lost;
  for (bool ever = false;;) {
    bool heard = false;
    try {
      follow(daemon, parameters, options.json, heard);
      return kOk;
    } catch (const Failure& failure) {
      ever = ever || heard;
      if (!ever) throw;
      if (failure.code != REEVE_UNAVAILABLE && failure.code != REEVE_LOST &&
          failure.code != REEVE_CLOSED) {
        throw;
      }
      // Sessions outlive a restart of the daemon; who watches is to notice no more than "ready".
      if (heard || !lost) lost = Clock::now();
      if (Clock::now() - *lost > std::chrono::milliseconds(daemon.timeout_ms())) throw;
      std::this_thread::sleep_for(kPause);
    }
  }
}

}  // namespace reeve::cli
