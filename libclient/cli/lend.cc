#include "cli/lend.h"

#include <sys/resource.h>

#include <algorithm>
#include <ctime>

#include "cli/consent.h"
#include "cli/failure.h"
#include "cli/terminal.h"

namespace reeve::cli {
namespace {

constexpr int kTimeoutSeconds = 60;  // a provider may be asked

// By the operator's usual name for the provider; GitHub's and GitLab's manuals name the users.
constexpr Convention kConventions[] = {
    {"github", "GITHUB_TOKEN", "x-access-token"},
    {"gitlab", "GITLAB_TOKEN", "oauth2"},
    {"google", "GOOGLE_OAUTH_ACCESS_TOKEN", "oauth2accesstoken"},
};

void keep_out_of_cores() {
  const struct rlimit none = {0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

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

// What a header can carry (RFC 6749, A.12), and a terminal.
bool fits_a_header(const std::string& token) {
  return !token.empty() &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
}

// The `token` of an answer.
Value token_in(const Value& reply) {
  const Value* token = reply.find("token");
  if (token == nullptr) throw misfit("token");
  if (!fits_a_header(token->need_text("access_token"))) {
    throw Failure(kFailed, "the daemon sent a token that no header can carry");
  }
  return *token;
}

// With --wait after the user's consent, where that is needed.
Value get_token(Daemon& daemon, const Session& session, const Options& options) {
  const Value again = asking(options.token, session.handle);
  Value first = again;
  if (options.token.fresh) first.set("fresh", true);
  try {
    return token_in(daemon.call("GetToken", first));
  } catch (const Failure& failure) {
    if (!is_consent_required(failure) || !waits(session, options)) throw;
    show_consent(daemon, session, failure, options);
    await_consent(daemon, session.handle, failure);
    return token_in(daemon.call("GetToken", again));  // the user has just been asked
  }
}

}  // namespace

Value lend(const Options& options) {
  keep_out_of_cores();
  Daemon daemon(Daemon::Door::agent, options, kTimeoutSeconds);
  const Session session = open_session(daemon, options.token.identity);
  try {
    Value token = get_token(daemon, session, options);
    close_session(daemon, session);
    return token;
  } catch (Failure& failure) {
    if (!is_consent_required(failure)) {
      close_session(daemon, session);
      throw;
    }
    // Its session stays: it must be there when the user comes, and ends by itself.
    show_consent(daemon, session, failure, options);
    failure.told = true;
    throw;
  }
}

void use_cached(const Options& options, const Use& use) {
  keep_out_of_cores();
  Daemon daemon(Daemon::Door::agent, options, kTimeoutSeconds);
  const Session session = open_session(daemon, options.token.identity);
  try {
    const Value token = token_in(daemon.call("GetToken", asking(options.token, session.handle)));
    use(daemon, session, token);
  } catch (const Failure& failure) {
    close_session(daemon, session);
    if (!is_consent_required(failure)) throw;
    return;
  }
  close_session(daemon, session);
}

std::string rfc3339(int64_t unix_seconds) {
  const time_t seconds = unix_seconds;
  struct tm utc = {};
  char text[64];
  if (::gmtime_r(&seconds, &utc) == nullptr ||
      std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc) == 0) {
    throw misfit("expires_at");
  }
  return text;
}

Convention convention_of(const std::string& provider) {
  const auto* const found =
      std::find_if(std::begin(kConventions), std::end(kConventions),
                   [&](const Convention& row) { return provider == row.provider; });
  return found != std::end(kConventions) ? *found : Convention{"", "ACCESS_TOKEN", "oauth2"};
}

}  // namespace reeve::cli
