// AgentMethods: io.reeve.Agent, what agents ask on agent.sock: parameters in, the session layer
// asked, a reply out.
#pragma once

#include "reeved/agent_context.h"
#include "reeved/waiting.h"
#include "session/lender.h"
#include "session/unix_sign_in.h"

namespace reeve {

class AgentMethods final {
 public:
  struct Parts {
    Loop& loop;
    const Clock& clock;
    CurrentSetup& setup;
    Engine& engine;
    Sessions& sessions;
    Grants& grants;
    Consents& consents;
    Lender& lender;
    Announcer& announcer;
    Audit& audit;
    UnixDesk& unix_desk;
  };
  explicit AgentMethods(Parts parts) : parts_(std::move(parts)) {}

  varlink::MethodTable table();

 private:
  using Reply = varlink::Reply;
  using Call = varlink::Call;

  Task<Reply> who_am_i(Call& call);
  Task<Reply> open_session(Call& call);
  Task<Reply> close_session(Call& call);
  Task<Reply> get_token(Call& call);
  Task<Reply> await_consent(Call& call);
  Task<Reply> report_invalid(Call& call);
  Task<Reply> watch(Call& call);
  Task<Reply> prove_user(Call& call);

  // The method, for whoever may call it: see AgentContext::still_the_same.
  using Method = Task<Reply> (AgentMethods::*)(Call&);
  varlink::Handler guarded(Method method);
  Task<Reply> run_pinned(Call& call, Method method);

  // A user for the session, or the reply that refuses it.
  struct Vouched {
    std::optional<User> user;
    std::string issuer;  // the issuer's name, "unix", or empty
  };
  using Vouching = std::variant<Vouched, Reply>;
  Task<Vouching> vouch(Call& call, SetupRef setup);
  Task<Vouching> vouch_token(Call& call, SetupRef setup);
  Vouching vouch_asserted(const Call& call, const SetupRef& setup);
  Vouching vouch_unix(const Call& call, const SetupRef& setup);
  // The session of the call's handle, if it is live and the caller's.
  SessionRef session_of(const Call& call) const;
  Reply lent(const Call& call, const LendAsk& ask, const Lent& lent);
  Reply no_session(const Call& call);
  Reply audited(const Call& call, Event event, Reply reply);

  // A place among the calls of the caller's workload that wait for somebody else's answer; null:
  // they are as many as may be.
  std::shared_ptr<void> wait_place(const Call& call);

  Parts parts_;
  Waiting waiting_;
  std::string scratch_;  // where the token lies in clear while its reply is written
};

}  // namespace reeve
