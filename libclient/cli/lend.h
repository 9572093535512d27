// Lending: one token, as the options say, in a session that was handed over or is opened for it.
// What `reeve token` and all adapters stand on.
#pragma once

#include <functional>

#include "cli/daemon.h"
#include "cli/options.h"
#include "cli/session.h"

namespace reeve::cli {

// The Token of io.reeve.Agent; its access_token is one that a header can carry. Where the user must
// consent first, the link is shown on stderr, and with --wait the answer is waited for. Throws
// Failure. From the first call on, no core of this process holds the token.
Value lend(const Options& options);

// Gives the token to `use` while the session is open; never shows or waits for a consent: then
// `use` is not called.
using Use = std::function<void(Daemon&, const Session&, const Value& token)>;
void use_cached(const Options& options, const Use& use);

// "2026-01-31T08:15:00Z", for tools that want RFC 3339.
std::string rfc3339(int64_t unix_seconds);

// Environment variable and user name by which tools of a well-known provider take its tokens;
// ACCESS_TOKEN and oauth2 for all others.
struct Convention {
  const char* provider;
  const char* variable;
  const char* username;
};
Convention convention_of(const std::string& provider);

}  // namespace reeve::cli
