// UnixDesk: signs users of this host in, in a browser, where no issuer is there to ask.
//
// A process proves its uid by calling (agent.sock) and gets a code; a browser of the same uid
// brings it. Both uids are the kernel's word, so a code that somebody else reads in a command line
// is worth nothing to him. Codes are good once and for two minutes, and lie in memory alone.
//
// What stays (SECURITY.md): a program of the user's own uid can sign in as that user.
#pragma once

#include <deque>

#include "audit/audit.h"
#include "base/pace.h"
#include "session/redirect.h"
#include "session/setup.h"

namespace reeve {

struct UnixCode {
  Secret code;
  int64_t expires_at = 0;
  std::string url;  // the page that takes it, with the code and the page to go on to
};

class UnixDesk final {
 public:
  struct Parts {
    const Clock& clock;
    CurrentSetup& setup;
    Browsers& browsers;
    Audit& audit;
    std::string machine;
  };
  explicit UnixDesk(Parts parts) : parts_(std::move(parts)), pace_(parts_.clock) {}

  User user_of(uid_t uid) const;
  // page: what the browser goes on to, a page of one of the bindings; empty: the connections, at
  // [binding.main] or the only one. Refused by "page" or "binding": users of this host do not sign
  // in there.
  Bound<UnixCode> prove(uid_t uid, const std::string& page);
  // The browser's new secret. A code that another uid brings stays good for its own. Refused by the
  // limit "sign_ins" where one user's browsers try too often, or those together whose user the
  // kernel does not tell (no code is good for them): they take no other user's turn.
  Task<Bound<Secret>> sign_in(BrowserKey key, std::string code);

 private:
  struct Issued {
    std::string hash;
    uid_t uid = 0;
    std::string binding;
    int64_t deadline = 0;  // boot milliseconds
  };
  using Codes = std::deque<Issued>;
  void forget_old(uid_t uid);
  // The code that this browser brings, or why not.
  Bound<Codes::iterator> brought(const BrowserKey& key, const std::string& hash);
  Refusal refused(std::string reason, const BrowserKey& key);

  Parts parts_;
  Pace pace_;
  Codes codes_;  // the oldest first
};

}  // namespace reeve
