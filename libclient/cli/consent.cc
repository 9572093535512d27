#include "cli/consent.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>
#include <thread>

#include "cli/sign_in.h"
#include "cli/terminal.h"

namespace reeve::cli {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int64_t kLongest = 600;  // seconds a consent may stay open; the daemon's limit
constexpr milliseconds kPauses[] = {milliseconds(50), milliseconds(200), milliseconds(500),
                                    milliseconds(1000)};  // while the daemon restarts

Clock::time_point end_of(const Value& consent, int slack_ms) {
  const int64_t left = consent.integer("expires_at").value_or(INT64_MAX) - ::time(nullptr);
  return Clock::now() + seconds(std::clamp<int64_t>(left, 0, kLongest)) + milliseconds(slack_ms);
}

int left_until(Clock::time_point end) {
  const auto left = std::chrono::ceil<milliseconds>(end - Clock::now()).count();
  if (left <= 0) throw Failure(kConsentRequired, "the user has not answered in time: ask again");
  return static_cast<int>(left);
}

Failure ended(const std::string& provider, const std::string& status, const Value& update) {
  const auto reason = update.text("reason");
  const std::string why = reason ? " (" + plain(*reason) + ")" : "";
  const std::string who = plain(provider) + ": ";
  if (status == "declined") return {kDenied, who + "the user declined" + why};
  if (status == "refused") {
    return {kDenied, who + "the consent was refused" + why +
                         ": make sure that the link reaches only its user"};
  }
  if (status == "expired") {
    return {kConsentRequired, who + "nobody answered in time" + why + ": ask again"};
  }
  return {kFailed, who + "the consent ended as " + plain(status) + why + ": ask again"};
}

// The same page with the sign-in before it; where that cannot be had, as it is: the person goes on.
std::string signed_in(Daemon& daemon, const std::string& page) {
  try {
    return sign_in_link(daemon, page);
  } catch (const Failure&) {
    return page;
  }
}

bool away(const Failure& failure) {
  return failure.code == REEVE_UNAVAILABLE || failure.code == REEVE_LOST ||
         failure.code == REEVE_CLOSED;
}

}  // namespace

bool is_consent_required(const Failure& failure) {
  return failure.error == "io.reeve.Agent.ConsentRequired";
}

bool waits(const Session& session, const Options& options) {
  return options.token.wait || (session.of_this_host && at_terminal() && !options.json);
}

void show_consent(Daemon& daemon, const Session& session, const Failure& required,
                  const Options& options) {
  const Value& consent = required.parameters;
  if (options.json) return tell(required, true);
  complain("reeve: " + required.text + ".");
  auto url = consent.text("url");
  const auto phrase = consent.text("phrase");
  if (!url) complain("There is no page to open: ask the operator; `reeve status` may say why.");
  if (url && session.of_this_host) url = signed_in(daemon, *url);
  const bool opened = url && session.of_this_host && at_terminal() && open_browser(*url);
  if (url) complain((opened ? "Your browser opens " : "Open ") + plain(*url));
  if (url && phrase) complain("and check that the page shows: " + plain(*phrase));
  if (!waits(session, options)) complain("Then ask again, or ask with --wait.");
}

void await_consent(const Daemon& daemon, const std::string& session, const Failure& required) {
  const std::string provider = required.parameters.need_text("provider");
  Value parameters;
  parameters.set("session", session).set("request", required.parameters.need_text("request"));
  const Clock::time_point end = end_of(required.parameters, daemon.timeout_ms());
  std::optional<Clock::time_point> given_up;
  size_t lost = 0;
  std::string status;
  Value last;
  while (true) {
    try {
      daemon.stream(
          "AwaitConsent", parameters, [&] { return left_until(end); },
          [&](const Value& update) {
            given_up.reset();
            lost = 0;
            status = update.need_text("status");
            last = update;
            return true;
          });
      break;
    } catch (const Failure& failure) {
      if (failure.code == REEVE_TIMEOUT) left_until(end);
      if (!away(failure)) throw;
      if (!given_up) given_up = Clock::now() + milliseconds(daemon.timeout_ms());
      if (Clock::now() >= *given_up) throw;
      std::this_thread::sleep_for(kPauses[std::min(lost++, std::size(kPauses) - 1)]);
    }
  }
  if (status != "granted") throw ended(provider, status, last);
}

}  // namespace reeve::cli
