// Engine: the coroutines that join the pure parts of this folder: ask, carry out, judge. Keeps what
// may be kept: metadata and key sets, per context.
//
// It decides nothing about users, sessions or policies, and stores nothing durable.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "async/waiter.h"
#include "base/clock.h"
#include "crypto/jwt.h"
#include "oauth/account.h"
#include "oauth/authorization.h"
#include "oauth/callback.h"
#include "oauth/server.h"
#include "oauth/token_answer.h"

namespace reeve {

using TokenOutcome = std::variant<TokenAnswer, TokenProblem>;
using MetadataRef = std::shared_ptr<const ServerMetadata>;

struct CodeAsk {
  Secret code, code_verifier;
  std::string redirect_uri;
  std::string resource;  // empty: none
  std::optional<Hold> hold;
};
struct RefreshAsk {
  Secret refresh_token;
  std::vector<std::string> scopes;  // empty: as granted
  std::string resource;
  std::optional<Hold> hold;
};
struct AuthorizeAsk {
  std::string redirect_uri, state, nonce, code_challenge, resource;
  std::vector<std::string> scopes;
  bool login = false;    // the server is to ask who it is, whatever its own session says
  bool sign_in = false;  // at an issuer of users: its prompt, no refresh token
  std::string login_hint;
  // How the user is to have signed in there (RFC 9470 section 4).
  std::vector<std::string> acr_values;
  std::optional<int64_t> max_age;
};

class Engine final {
 public:
  Engine(Loop& loop, const Clock& clock) : loop_(loop), clock_(clock) {}

  // Told how long each request to a token endpoint took, from its sending to its answer or to the
  // end of waiting for one. What: "refresh", "code", or "sign_in", the code of an issuer of users.
  using Observer = std::function<void(const Server& server, std::string_view what, double seconds)>;
  void on_exchange(Observer observer) { observer_ = std::move(observer); }

  // Where the server's endpoints are; asked for once, then kept as long as the answer may be.
  Task<Result<MetadataRef>> metadata(ServerRef server);
  // The URL to send a browser to; pushed first (RFC 9126) where the server has it.
  Task<Result<std::string>> authorize(ServerRef server, AuthorizeAsk ask);
  // What an answer at our redirect URI must fit, for judge_callback().
  Task<Result<CallbackRules>> callback_rules(ServerRef server);
  Task<TokenOutcome> redeem(ServerRef server, CodeAsk ask);
  Task<TokenOutcome> refresh(ServerRef server, RefreshAsk ask);
  // What came of a held request that may have been begun before; asks the server nothing.
  Task<TokenOutcome> recall(ServerRef server, Hold hold);
  // RFC 7009. An error says what the server said. Code::not_found: it has no revocation; denied: it
  // will not, ever; others: later.
  Task<Result<void>> revoke(ServerRef server, Secret token, bool refresh_token);
  // Verifies a JWT of this server; on an unknown key the key set is asked for anew, at most once a
  // minute. Code::denied: the token is refused, the text says by which check; others: the keys
  // cannot be had.
  struct Verification {
    JwtKind kind = JwtKind::id_token;
    std::vector<std::string> audiences;
    std::string nonce;
    std::optional<int64_t> max_age;        // as it was asked for
    const Secret* access_token = nullptr;  // outlives the task
  };
  Task<Result<Claims>> verify(ServerRef server, std::string token, Verification verification);
  // Whose account the token is for; claims: of the ID token that came with it, or null; outlive the
  // task.
  Task<Result<Account>> account(ServerRef server, const Secret& access_token, const Claims* claims);

 private:
  using KeySet = std::shared_ptr<const JwkSet>;
  struct Keys {
    KeySet set;
    int64_t fetched_at = 0, asked_at = 0;
    int64_t fresh_seconds = 0;
    bool asking = false;
    std::vector<Resolver<>> waiting;
  };
  class Asking;
  struct Kept {
    MetadataRef metadata;
    int64_t until = 0;
  };
  Task<Result<MetadataRef>> discover(ServerRef server);
  Task<Result<KeySet>> keys(ServerRef server, bool anew);
  Task<Result<void>> fetch_keys(ServerRef server);
  Task<TokenOutcome> token_request(ServerRef server, HttpRequest request, std::optional<Hold> hold);
  Task<TokenOutcome> timed(ServerRef server, std::string_view what, Task<TokenOutcome> request);

  Loop& loop_;
  const Clock& clock_;
  Observer observer_;
  std::map<std::string, Kept> metadata_;  // by context
  std::map<std::string, Keys> keys_;
};

// The client as it authenticates to that server.
Result<ClientIdentity> identify(const Server& server, const ServerMetadata& metadata);

}  // namespace reeve
