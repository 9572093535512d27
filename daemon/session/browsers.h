// Browsers: the browsers that visit a binder, each known by the secret in its cookie, and who is
// signed in there.
//
// A browser belongs to one binding: another binder that shows its secret finds nothing. A flow
// belongs to the browser record and not to its secret, so that renewing the secret at sign-in does
// not break another tab. Records are the vault's and survive a restart; a visit that
// changes nothing makes none. A sign-in ends by itself: at its own end, and when the browser has
// not been seen for a while (since it was loaded, after a restart). Where a user of this host is
// signed in, the cookie is not enough: each request must come from a process of that user's.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <unordered_map>

#include "session/leftovers.h"
#include "session/lifetime.h"
#include "session/user.h"
#include "vault/vault.h"

namespace reeve {

// What names a browser: the secret in its cookie, and which binding's binder shows it.
struct BrowserKey {
  std::string binding;  // its name in the configuration
  std::string secret;
  // Whose process the kernel says sent this request; known only where it is asked for.
  std::optional<uid_t> owner = std::nullopt;
};

// What an authorization server's redirect must bring back, for sign-ins and for consents alike.
struct Flow {
  std::string state_hash;
  std::string cookie_hash;
  std::string browser;  // the record's id
  std::string redirect_uri;
  std::string nonce;
  Secret code_verifier;
  Lifetime lifetime;

  Flow clone() const;
};
void write_flow(JsonWriter& json, const Flow& flow);
std::optional<Flow> read_flow(Json& value);

// A sign-in that is under way.
struct SignIn {
  Flow flow;
  std::string issuer;  // its name in the configuration
  std::string next;    // a path of the binder's
};

struct Browser {
  std::string id;
  std::string binding;
  std::string secret_hash;
  std::optional<User> user;
  // What the sign-in said of the user besides, of what account_match and login_hint want to know;
  // vouched for.
  std::map<std::string, std::string> claims;
  std::string issuer;                  // where the user signed in, by its name in the configuration
  std::string issuer_sub, issuer_sid;  // "sub" and, where it told one, "sid" of that sign-in
  int64_t signed_in_at = 0;
  Lifetime lifetime;
  int64_t seen = 0;  // boot milliseconds; not kept
  std::vector<SignIn> sign_ins;
};
using BrowserRef = std::shared_ptr<Browser>;

// Who signed in, and what was said of him; "sub" and "sid" as the issuer names him and his session.
struct Identity {
  User user;
  std::map<std::string, std::string> claims;
  std::string sub, sid;
};

struct BrowserLimits {
  size_t all = 8192;
  size_t per_user = 32;         // signed in; the one that signed in first gives way
  int64_t idle_seconds = 1800;  // until a sign-in ends by itself
};

class Browsers final {
 public:
  Browsers(Vault& vault, const Clock& clock, std::string boot)
      : vault_(vault), clock_(clock), boot_(std::move(boot)) {}

  Result<void> load();
  void set_limits(BrowserLimits limits) { limits_ = limits; }

  // The live record of that secret at that binding, or null; null too where a user of this host is
  // signed in and `owner` is not he. It counts as seen.
  BrowserRef find(const BrowserKey& key);
  // Whether find() asks for the owner: a user of this host is signed in with that secret.
  bool asks_owner(const BrowserKey& key) const;
  // Somebody was signed in under that secret, and that has ended by itself, within the last hour.
  bool ended(const BrowserKey& key) const;
  BrowserRef by_id(std::string_view id) const;
  // All in which somebody is signed in.
  std::vector<BrowserRef> signed_in() const;
  // The same, or a new record that is not yet kept. Code::limit: purge() and try again.
  Result<BrowserRef> find_or_make(const BrowserKey& key);
  // The same, with room made by a purge where there is none.
  Task<Result<BrowserRef>> visit(BrowserKey key);
  // The browser whose sign-in has that state; null: none.
  BrowserRef with_sign_in(std::string_view state_hash) const;

  // Makes the record as it is now durable.
  Task<Result<void>> save(BrowserRef browser);
  // Signs the user in, under a new secret, which is the answer. In memory at once, durable before
  // it returns.
  Task<Result<Secret>> sign_in(BrowserRef browser, Identity identity, std::string issuer,
                               int64_t lifetime_seconds);
  Task<Result<void>> erase(BrowserRef browser);
  // Forgets what is over, of ended sign-ins after an hour or when there is no room; the changes are
  // for the vault.
  std::vector<Change> purge();

 private:
  RecordId record_id(const Browser& browser) const;
  // Signs the user out where he signed in first, so that one more fits.
  void make_room(const User& user);
  // In boot milliseconds; 0: it is of another boot.
  int64_t end_of(const Browser& browser) const;
  bool live(const Browser& browser) const { return clock_.boot_milliseconds() < end_of(browser); }
  bool ended_lately(const Browser& browser) const;

  Vault& vault_;
  const Clock& clock_;
  const std::string boot_;
  BrowserLimits limits_;
  std::unordered_map<std::string, BrowserRef> by_secret_;
  Leftovers leftovers_{vault_, Kind::browser};
};

}  // namespace reeve
