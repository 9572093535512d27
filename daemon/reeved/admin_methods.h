// AdminMethods: io.reeve.Admin, what the operator asks on admin.sock.
#pragma once

#include <functional>
#include <variant>
#include <vector>

#include "peer/attest.h"
#include "reeved/attestor.h"
#include "reeved/probe.h"
#include "reeved/wire.h"
#include "session/consent_desk.h"

namespace reeve {

class AdminMethods final {
 public:
  // What a reload came to: errors (nothing changed), or warnings.
  struct Reloaded {
    std::vector<std::string> errors, warnings;
  };
  struct Parts {
    const Clock& clock;
    CurrentSetup& setup;
    Sessions& sessions;
    Grants& grants;
    Consents& consents;
    ConsentDesk& desk;
    Revocations& revocations;
    Audit& audit;
    bool unseparated = false;
    int64_t started_at = 0;
    std::function<Reloaded()> reload;
    HttpClientMaker make_client;
    Attestor* attestor = nullptr;
  };
  explicit AdminMethods(Parts parts)
      : parts_(std::move(parts)), probe_(parts_.clock, parts_.make_client, parts_.unseparated) {}

  varlink::MethodTable table();

 private:
  using Reply = varlink::Reply;
  using Call = varlink::Call;

  Task<Reply> status(Call& call);
  Task<Reply> list_sessions(Call& call);
  Task<Reply> kill_sessions(Call& call);
  Task<Reply> list_grants(Call& call);
  Task<Reply> revoke_grants(Call& call);
  // What came of a revocation so far. id: of a damaged grant the name of its record.
  struct Revoked {
    struct One {
      std::string id, provider;
      Disconnected told;
    };
    std::vector<One> grants;
    int64_t sessions = 0;
  };
  Task<Result<void>> bring_what_fits(Call& call);
  Task<Result<void>> end_damaged(Call& call, Revoked& revoked);
  static Reply revoked_reply(const Revoked& revoked);
  Task<Result<void>> revoke_some(Call& call, std::vector<GrantRef> grants, Revoked& revoked);
  Task<Result<void>> revoke_the_rest(Call& call, Revoked& revoked);
  bool fits(const Call& call, const Grant& grant) const;
  Task<Reply> list_revocations(Call& call);
  Task<Result<size_t>> end_sessions(const Call& call, std::function<bool(const Session&)> fits);
  bool uses(const Session& session, const Grant& grant) const;
  Task<Reply> explain(Call& call);
  // The peer that the operator asks about, with a pidfd where it is a process; or the reply that
  // refuses it.
  static std::variant<Attested, Reply> subject_of(const Call& call);
  Task<Reply> reload(Call& call);
  Task<Reply> discover(Call& call);
  Task<Reply> probe(Call& call);

  Parts parts_;
  Probe probe_;
};

}  // namespace reeve
