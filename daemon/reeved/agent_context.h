// AgentContext: what a connection on agent.sock knows of its peer: frozen at accept.
#pragma once

#include <memory>
#include <string>

#include "async/fd_watch.h"
#include "peer/attest.h"
#include "policy/policy.h"
#include "session/setup.h"
#include "varlink/service.h"

namespace reeve {

class AgentContext final : public varlink::ConnectionContext {
 public:
  // When the peer ends, `socket` is shut down, wherever its other copies are. `counted` is kept as
  // long as this.
  AgentContext(Loop& loop, Attested attested, int socket, std::shared_ptr<void> counted);

  const Peer& peer() const { return attested_.peer; }
  // The peer's workload under the setup in force, or null; asked of the policy again after a
  // reload.
  const WorkloadConfig* workload(const SetupRef& setup);
  // For the audit, rendered once.
  const std::string& actor(const SetupRef& setup);

 private:
  const Attested attested_;
  const std::shared_ptr<void> counted_;
  SetupRef setup_;  // what the two below belong to
  Match match_;
  std::string actor_;
  FdWatch watch_;
};

}  // namespace reeve
