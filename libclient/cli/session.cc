#include "cli/session.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "cli/failure.h"
#include "cli/sign_in.h"
#include "cli/terminal.h"

namespace reeve::cli {
namespace {

constexpr std::streamsize kMaxTokenFile = std::streamsize{64} * 1024;

// Errors never quote the file.
std::string read_user_token(const std::string& name) {
  std::ifstream file(name, std::ios::binary);
  std::string text(static_cast<size_t>(kMaxTokenFile) + 1, '\0');
  errno = 0;
  file.read(text.data(), kMaxTokenFile + 1);
  if (!file.is_open() || file.bad()) {
    throw Failure(kFailed, "cannot read the user token in " + plain(name) + ": " +
                               std::strerror(errno != 0 ? errno : EIO));
  }
  text.resize(static_cast<size_t>(file.gcount()));
  const auto first = text.find_first_not_of(" \t\r\n");
  const auto last = text.find_last_not_of(" \t\r\n");
  std::string token;
  if (first != std::string::npos && file.gcount() <= kMaxTokenFile) {
    token = text.substr(first, last - first + 1);
  }
  const auto visible = [](char c) { return c > ' ' && c <= '~'; };
  if (token.empty() || !std::all_of(token.begin(), token.end(), visible)) {
    throw Failure(kFailed, plain(name) + " does not hold a user token");
  }
  return token;
}

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

bool given(const Identity& identity) {
  return identity.session || identity.user_token_file || !identity.as_user.empty() ||
         identity.as_unix || identity.as_workload;
}

// The parameters of OpenSession.
Value opening(const Identity& identity, std::optional<int64_t> lifetime) {
  Value parameters;
  if (identity.user_token_file) {
    parameters.set("as", "token").set("user_token", read_user_token(*identity.user_token_file));
  } else if (!identity.as_user.empty()) {
    Value user;
    user.set("issuer", identity.as_user[0]).set("subject", identity.as_user[1]);
    parameters.set("as", "asserted").set("user", user);
  } else {
    parameters.set("as", identity.as_unix ? "unix" : "workload");
  }
  if (lifetime) parameters.set("lifetime", *lifetime);
  return parameters;
}

}  // namespace

Session open_session(Daemon& daemon, const Identity& identity, std::optional<int64_t> lifetime) {
  Identity chosen = identity;
  if (!given(identity)) {
    const std::string session = environment("REEVE_SESSION");
    const std::string file = environment("REEVE_USER_TOKEN_FILE");
    if (!session.empty()) chosen.session = session;
    else if (!file.empty()) chosen.user_token_file = file;
    else if (at_terminal()) chosen.as_unix = true;
    else {
      throw Failure(kUsage,
                    "for whom? Give --session, --user-token-file, --as-user, --unix or "
                    "--as-workload, or set REEVE_SESSION or REEVE_USER_TOKEN_FILE");
    }
  }
  if (chosen.session) return {*chosen.session, false, false};
  Value opened = daemon.call("OpenSession", opening(chosen, lifetime));
  return {opened.need_text("session"), true, chosen.as_unix};
}

void close_session(Daemon& daemon, const Session& session) {
  if (!session.own) return;
  Value parameters;
  parameters.set("session", session.handle);
  try {
    daemon.call("CloseSession", parameters);
  } catch (const Failure&) {
    // It ends by itself soon, or has ended.
  }
}

}  // namespace reeve::cli
