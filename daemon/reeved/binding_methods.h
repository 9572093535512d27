// BindingMethods: io.reeve.Binding, what a session binding service asks on bind.sock.
//
// Each call is made for one binding, that of the connection's peer (binder_context.h): what belongs
// to another one is unknown to it. Grants are the user's: at [binding.main] (or the only one) all
// of them are seen, at another one those of the workloads whose users consent there.
#pragma once

#include "reeved/binder_context.h"
#include "reeved/wire.h"
#include "session/consent_desk.h"
#include "session/issuer_logout.h"
#include "session/sign_in.h"
#include "session/unix_sign_in.h"

namespace reeve {

class BindingMethods final {
 public:
  struct Parts {
    CurrentSetup& setup;
    Browsers& browsers;
    Consents& consents;
    Grants& grants;
    SignInDesk& sign_in;
    UnixDesk& unix_desk;
    ConsentDesk& desk;
    IssuerLogout& logout;
  };
  explicit BindingMethods(Parts parts) : parts_(parts) {}

  varlink::MethodTable table();

 private:
  using Reply = varlink::Reply;
  using Call = varlink::Call;

  // A method: the browser is who the call speaks of.
  using Method = Task<Reply> (BindingMethods::*)(Call& call, BrowserKey browser);

  varlink::Handler handler(Method method);
  Task<Reply> site(Call& call, BrowserKey browser);
  Task<Reply> sign_in(Call& call, BrowserKey browser);
  Task<Reply> sign_in_unix(Call& call, BrowserKey browser);
  Task<Reply> describe(Call& call, BrowserKey browser);
  Task<Reply> start(Call& call, BrowserKey browser);
  Task<Reply> decline(Call& call, BrowserKey browser);
  Task<Reply> came_back(Call& call, BrowserKey browser);
  Task<Reply> outcome(Call& call, BrowserKey browser);
  Task<Reply> confirm(Call& call, BrowserKey browser);
  Task<Reply> connections(Call& call, BrowserKey browser);
  Task<Reply> disconnect(Call& call, BrowserKey browser);
  Task<Reply> sign_out(Call& call, BrowserKey browser);
  Task<Reply> logout_token(Call& call, BrowserKey browser);
  // Whose process sent the request that the call is made for; nobody: that cannot be told.
  std::optional<uid_t> sender_of(const Call& call, const std::string& binding) const;
  BrowserRef signed_in(const BrowserKey& key) const;
  // The user's, and shown at that binding.
  bool shows(const Browser& browser, const Grant& grant) const;

  Parts parts_;
};

}  // namespace reeve
