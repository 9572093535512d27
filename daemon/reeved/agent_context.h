// AgentContext: what a connection on agent.sock knows of its peer: frozen before its first byte is
// read.
#pragma once

#include <memory>
#include <string>

#include "async/fd_watch.h"
#include "peer/attest.h"
#include "policy/policy.h"
#include "reeved/attestor.h"
#include "session/setup.h"
#include "varlink/service.h"

namespace reeve {

class AgentContext final : public varlink::ConnectionContext {
 public:
  // What it asks beyond the kernel. `strangers` counts connections of processes that are no
  // workload; may be null, as `attestor` may.
  struct Parts {
    const CurrentSetup& setup;
    Attestor* attestor = nullptr;
    size_t* strangers = nullptr;
  };
  // When the peer ends, `socket` is shut down, wherever its other copies are. `counted` is kept as
  // long as this.
  AgentContext(Loop& loop, Parts parts, Attested attested, int socket,
               std::shared_ptr<void> counted);
  ~AgentContext() override;

  // Asks reeve-attest for what the policy wants to know.
  bool prepared() const override { return prepared_; }
  Task<bool> prepare() override;
  void heard(std::optional<pid_t> sender) override;

  const Peer& peer() const { return attested_.peer; }
  // The peer's workload under the setup in force, or null; asked of the policy again after a
  // reload.
  const WorkloadConfig* workload(const SetupRef& setup);
  // What its sessions are tied to; empty: nothing it has.
  const std::string& scope(const SetupRef& setup);
  // For the audit, rendered once.
  const std::string& actor(const SetupRef& setup);
  // exec = "pinned": the program that connected still runs there, and alone has spoken here. Else
  // the connection is over.
  bool pinned(const SetupRef& setup);
  Task<bool> still_the_same();

 private:
  const CurrentSetup& current_;
  Attestor* const attestor_;
  size_t* const strangers_;
  Attested attested_;
  const std::shared_ptr<void> counted_;
  bool prepared_ = false;
  bool stranger_ = false;        // counted in *strangers_
  bool foreign_sender_ = false;  // another process has sent on the connection
  SetupRef setup_;               // what the ones below belong to
  Match match_;
  std::string scope_, actor_;
  FdWatch watch_;
};

}  // namespace reeve
