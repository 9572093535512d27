#include <sys/resource.h>

#include <algorithm>

#include "cli/consent.h"
#include "cli/failure.h"
#include "cli/session.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

constexpr int kTimeoutSeconds = 60;  // a provider may be asked

Value asking(const TokenOptions& options, const std::string& session) {
  Value parameters;
  parameters.set("session", session)
      .set("provider", options.provider)
      .set_if("scopes", options.scopes)
      .set_if("resource", options.resource)
      .set_if("account", options.account);
  if (options.min_valid) parameters.set("min_valid", *options.min_valid);
  parameters.set_if("acr_values", options.acr_values);
  if (options.max_age) parameters.set("max_age", *options.max_age);
  return parameters;
}

// The `token` of the answer; with --wait after the user's consent, where that is needed.
Value get_token(Daemon& daemon, const Session& session, const Options& options) {
  const Value again = asking(options.token, session.handle);
  Value first = again;
  if (options.token.fresh) first.set("fresh", true);
  Value reply;
  try {
    reply = daemon.call("GetToken", first);
  } catch (const Failure& failure) {
    if (!is_consent_required(failure) || !options.token.wait) throw;
    show_consent(failure, options);
    await_consent(daemon, session.handle, failure);
    reply = daemon.call("GetToken", again);  // the user has just been asked
  }
  const Value* token = reply.find("token");
  if (token == nullptr) throw misfit("token");
  return *token;
}

// What a header can carry (RFC 6749, A.12), and a terminal.
std::string checked(std::string token) {
  const bool fits = !token.empty() && std::all_of(token.begin(), token.end(),
                                                  [](char c) { return c >= ' ' && c <= '~'; });
  if (!fits) throw Failure(kFailed, "the daemon sent a token that no header can carry");
  return token;
}

}  // namespace

int token(const Options& options) {
  const struct rlimit none = {0, 0};
  ::setrlimit(RLIMIT_CORE, &none);  // a core would hold the token
  Daemon daemon(Daemon::Door::agent, options, kTimeoutSeconds);
  const Session session = open_session(daemon, options.token.identity);
  Value token;
  try {
    token = get_token(daemon, session, options);
  } catch (const Failure& failure) {
    if (!is_consent_required(failure)) {
      close_session(daemon, session);
      throw;
    }
    // Its session stays: it must be there when the user comes, and ends by itself.
    show_consent(failure, options);
    return kConsentRequired;
  }
  close_session(daemon, session);
  const std::string text = checked(token.need_text("access_token"));
  print(options.json ? token.dump() : text);
  return kOk;
}

}  // namespace reeve::cli
