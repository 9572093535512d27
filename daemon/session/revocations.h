// Revocations: tokens that have ended here, and whose providers must still be told (RFC 7009).
//
// What is to be revoked is written into the vault in the transaction that ends it here, sealed like
// everything, and stays until its provider has said something final: so neither a restart nor a
// provider that is down loses it. The refresh token goes first, then the access tokens that still
// live. A provider that cannot be reached is asked again, ever more rarely.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "audit/audit.h"
#include "oauth/engine.h"
#include "session/setup.h"
#include "session/user.h"
#include "vault/vault.h"

namespace reeve {

struct DoomedToken {
  Secret value;
  bool refresh_token = false;
  std::optional<int64_t> expires_at;  // of an access token: then it ends by itself
};

// What is to be revoked at one provider, and of whom, for the audit.
struct Doomed {
  std::string grant, context, provider, workload, account;
  User user;
  std::vector<DoomedToken> tokens;  // in that order
};

class Revocations final {
 public:
  struct Parts {
    Loop& loop;
    const Clock& clock;
    CurrentSetup& setup;
    Engine& engine;
    Vault& vault;
    Audit& audit;
  };
  // What the provider said.
  enum class Said {
    revoked,
    no_endpoint,  // it has no revocation
    refused,      // for good
    pending,      // nothing yet: it is asked again
  };
  struct Told {
    Said said = Said::pending;
    std::string reason;  // a sentence for the operator; empty: it confirmed
  };
  // One that is still to be done, for the operator.
  struct Open {
    std::string id, grant, provider, reason;
    User user;
    int64_t begun_at = 0, next_at = 0;
    int tries = 0;
  };

  explicit Revocations(Parts parts) : parts_(parts), tasks_(parts.loop) {}

  Result<void> load();

  // A change for the transaction that ends the tokens here; accept() when that is durable.
  struct Prepared {
    std::string id;
    Change change;
    Open open;
  };
  Prepared prepare(const Doomed& doomed) const;
  void accept(const Prepared& prepared) { open_[prepared.id] = prepared.open; }
  // Both, with its own transaction; then the provider is told, in the background.
  Task<Result<void>> enqueue(Doomed doomed, std::vector<Change> also);

  // Tells the provider now. Code::not_found: it is done, or was never there.
  Task<Told> attempt(std::string id);
  // Attempts what is due; to be called from time to time.
  void retry_due();
  std::vector<Open> all() const;

 private:
  Task<void> attempt_quietly(std::string id);
  Task<Told> tell(Doomed& doomed, ServerRef server);
  Task<void> finish(std::string id, Doomed doomed, Told told);
  RecordId record_id(const std::string& id) const;

  Parts parts_;
  std::map<std::string, Open> open_;
  std::set<std::string> busy_;
  TaskSet tasks_;
};

std::string_view word(Revocations::Said said);

}  // namespace reeve
