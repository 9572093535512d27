// SignInDesk: signs users in at their issuer, in a browser, by the same redirect machinery that
// consents use.
//
// The binder sees neither code verifier nor ID token: it is told where to send the browser, and
// brings back what the browser came back with.
#pragma once

#include "audit/audit.h"
#include "oauth/engine.h"
#include "session/redirect.h"
#include "session/setup.h"

namespace reeve {

struct SignedIn {
  std::string next;  // as it was given
  Secret browser;    // the browser's new secret
};

class SignInDesk final {
 public:
  struct Parts {
    const Clock& clock;
    CurrentSetup& setup;
    Engine& engine;
    Browsers& browsers;
    Audit& audit;
    std::string boot;
  };
  explicit SignInDesk(Parts parts) : parts_(std::move(parts)) {}

  // issuer: its URL; empty: the only one there is. next: one of the binder's own paths.
  // other_user: the person says that he is not who is signed in. Refused by "unix": users of this
  // host sign in at that binding, and nobody else does (see unix_sign_in.h).
  Task<Bound<Away>> begin(BrowserKey key, std::string issuer, std::string next, bool other_user);
  // The sign-in with that state is consumed, whatever comes of it, if it came to its own binder.
  // `owner` is the record that holds it.
  Task<Bound<SignedIn>> finish(BrowserRef owner, CameBack back);

 private:
  Task<Bound<Identity>> redeem(ServerRef server, Flow flow, Secret code);
  Refusal refused(std::string reason, const std::string& issuer, std::string_view browser = {});

  Parts parts_;
};

// The record of a sign-in that succeeded, of whichever kind; its strings are the user's.
Event signed_in_event(const User& user);

// True for paths that a sign-in may lead back to: "/", "/connections", "/connect/TICKET",
// "/done/HANDLE".
bool own_path(std::string_view path);

}  // namespace reeve
