// UpkeepMethods: the part of io.reeve.Admin that looks after what is kept: the audit, the keys, the
// backup, the figures. The rest is admin_methods.h's.
#pragma once

#include "audit/audit.h"
#include "reeved/key_keeper.h"
#include "reeved/metrics.h"
#include "reeved/wire.h"
#include "session/consents.h"
#include "session/sessions.h"
#include "session/setup.h"

namespace reeve {

class UpkeepMethods final {
 public:
  struct Parts {
    Loop& loop;
    const Clock& clock;
    CurrentSetup& setup;
    Vault& vault;
    Audit& audit;
    KeyKeeper& keys;
    Metrics& metrics;
    Sessions& sessions;
    Grants& grants;
    Consents& consents;
    int64_t started_at = 0;
  };
  explicit UpkeepMethods(Parts parts) : parts_(parts), tasks_(parts.loop) {}

  varlink::MethodTable table();

 private:
  using Reply = varlink::Reply;
  using Call = varlink::Call;

  Task<Reply> audit_log(Call& call);
  Task<Reply> rotate_keys(Call& call);
  Task<Reply> backup(Call& call);
  Task<Reply> metrics(Call& call);
  Task<Result<size_t>> rotate(std::string what);
  Gauges gauges() const;

  Parts parts_;
  TaskSet tasks_;
};

}  // namespace reeve
