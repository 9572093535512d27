// IssuerLogout: an issuer says that a user signed out there (OpenID Connect Back-Channel Logout
// 1.0): the browsers that were signed in by that session, or by that user, end here too.
//
// Who brings the token proves nothing by that; its signature does. A token that was taken once does
// nothing the second time, so that who caught it cannot sign a user out again and again. Sessions
// and grants of agents stay: they are not the browser's (section 2.7 of the same).
#pragma once

#include <map>

#include "audit/audit.h"
#include "oauth/engine.h"
#include "session/browsers.h"
#include "session/redirect.h"
#include "session/setup.h"

namespace reeve {

class IssuerLogout final {
 public:
  struct Parts {
    const Clock& clock;
    CurrentSetup& setup;
    Engine& engine;
    Browsers& browsers;
    Audit& audit;
  };
  explicit IssuerLogout(Parts parts) : parts_(std::move(parts)) {}

  // How many browsers were signed out. Refused: "issuer", "logout_token:CLAIM".
  Task<Bound<int64_t>> take(std::string logout_token);

 private:
  Refusal refused(const std::string& reason, const std::string& issuer);
  // False: it was taken before. Code::limit: more than are remembered.
  Result<bool> remember(const Claims& claims);
  Task<Result<void>> end(std::vector<BrowserRef> browsers, std::string issuer, std::string sub);

  Parts parts_;
  std::map<std::string, int64_t> taken_;  // hash of issuer and jti -> when its token is over
};

}  // namespace reeve
