// BindingMethods: io.reeve.Binding, what the session binding service asks on bind.sock.
#pragma once

#include "reeved/wire.h"
#include "session/consent_desk.h"
#include "session/sign_in.h"

namespace reeve {

class BindingMethods final {
 public:
  struct Parts {
    CurrentSetup& setup;
    Browsers& browsers;
    Consents& consents;
    Grants& grants;
    SignInDesk& sign_in;
    ConsentDesk& desk;
  };
  explicit BindingMethods(Parts parts) : parts_(parts) {}

  varlink::MethodTable table();

 private:
  using Reply = varlink::Reply;
  using Call = varlink::Call;

  Task<Reply> sign_in(Call& call);
  Task<Reply> describe(Call& call);
  Task<Reply> start(Call& call);
  Task<Reply> decline(Call& call);
  Task<Reply> came_back(Call& call);
  Task<Reply> outcome(Call& call);
  Task<Reply> confirm(Call& call);
  Task<Reply> connections(Call& call);
  Task<Reply> disconnect(Call& call);
  Task<Reply> sign_out(Call& call);
  BrowserRef signed_in(const Call& call) const;

  Parts parts_;
};

}  // namespace reeve
