// Daemon: owns every part of reeved, in the order in which they need each other; destruction is
// shutdown.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "config/read_config.h"
#include "reeved/admin_methods.h"
#include "reeved/agent_methods.h"
#include "reeved/audit_keeper.h"
#include "reeved/binding_methods.h"
#include "reeved/event_methods.h"
#include "reeved/time_keeper.h"
#include "reeved/upkeep_methods.h"
#include "session/usage.h"
#include "varlink/server.h"

namespace reeve {

struct DaemonOptions {
  std::string config_file = "/etc/reeve/reeve.toml";
  ConfigOptions config;
  AttestOptions attest;
};

// A configuration read and its secrets loaded; or the errors.
struct LoadedSetup {
  SetupRef setup;
  std::vector<std::string> errors, warnings;
};

class Daemon final {
 public:
  // The listening sockets by name: "agent", "bind", "admin".
  using Sockets = std::map<std::string, Fd>;

  static Result<std::unique_ptr<Daemon>> start(Loop& loop, DaemonOptions options, SetupRef setup,
                                               Sockets sockets);
  // By which instance of reeve-fetch in that directory, on that loop.
  static HttpClientMaker client_maker(Loop& loop, const Config& config);
  // `loop` carries the exchanges.
  static LoadedSetup load_setup(Loop& loop, const DaemonOptions& options);

  AdminMethods::Reloaded reload();

 private:
  struct Foundation {  // what the other parts stand on, some of which can fail to be opened
    std::unique_ptr<Clock> clock;
    std::unique_ptr<Vault> vault;
    std::unique_ptr<Audit> audit;
    std::string boot, machine;
  };
  Daemon(Loop& loop, DaemonOptions options, SetupRef setup, Foundation foundation);
  static Result<Foundation> open_foundation(Loop& loop, const Setup& setup);
  Result<void> load_state();
  void listen(Sockets sockets);
  void apply_limits();
  void settle();
  void maintain();
  Task<void> purge();
  varlink::Admission admit_agent(int fd);
  varlink::Admission admit_binder(int fd) const;
  varlink::Admission admit_admin(int fd) const;

  Loop& loop_;
  const DaemonOptions options_;
  CurrentSetup setup_;
  Foundation foundation_;
  TimeKeeper time_;
  Metrics metrics_;
  MemorySeal seal_;
  Engine engine_;
  Announcer announcer_;
  Feed feed_;
  Sessions sessions_;
  Grants grants_;
  Usage usage_;
  Browsers browsers_;
  Intents intents_;
  Revocations revocations_;
  Consents consents_;
  Lender lender_;
  SignInDesk sign_in_;
  UnixDesk unix_desk_;
  ConsentDesk desk_;
  IssuerLogout logout_;
  Attestor attestor_;
  AgentMethods agent_methods_;
  BindingMethods binding_methods_;
  AdminMethods admin_methods_;
  EventMethods event_methods_;
  KeyKeeper keys_;
  UpkeepMethods upkeep_methods_;
  varlink::Service agent_service_, binding_service_, admin_service_;
  std::map<std::string, size_t> connections_;  // on agent.sock, by uid or container
  size_t strangers_ = 0;                       // of them, those of no workload
  std::vector<std::unique_ptr<varlink::Server>> servers_;
  AuditHeads audit_heads_;
  Timer maintenance_;
  TaskSet tasks_;
};

}  // namespace reeve
