// Config: everything the operator wrote, validated whole, as plain values. See
// docs/configuration.md for what each key means; read_config.h makes it. No part changes after it
// was read: a reload makes another Config.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "config/issuer_config.h"
#include "config/provider_config.h"
#include "config/secret_ref.h"
#include "config/workload_config.h"

namespace reeve {

// Who stands on the other side of each socket, and where things lie.
struct DaemonConfig {
  std::string state_directory = "/var/lib/reeve";
  std::string runtime_directory = "/run/reeve";
  std::string audit;             // the audit file, in the state directory unless named
  int64_t audit_megabytes = 64;  // after which a file of it is put aside
  int64_t audit_files = 0;       // how many of those are kept; 0: all
  uid_t daemon_uid = 0;
  uid_t binder_uid = 0;
  uid_t fetch_uid = 0;
  gid_t admin_gid = 0;
  bool attest = false;  // reeve-attest is there to be asked
};

// Named limits; the bounds of each stand in read_limits.cc.
struct LimitsConfig {
  int64_t connections = 1024;
  int64_t connections_per_uid = 256;       // of one uid, or of one container
  int64_t connections_of_strangers = 256;  // of all processes that are no workload
  int64_t calls_per_connection = 32;       // sent ahead and answered before others have their turn
  int64_t frame_bytes = 262144;
  int64_t frame_seconds = 10;  // for the rest of a frame that was begun
  int64_t idle_seconds = 600;  // of a connection on which nothing is asked or awaited
  int64_t sessions = 8192;
  int64_t sessions_per_workload = 1024;
  int64_t session_seconds = 86400;  // the longest lifetime any session may have
  int64_t consents = 4096;
  int64_t consents_per_workload = 256;
  int64_t consents_per_user = 16;
  int64_t consent_seconds = 600;
  int64_t tickets = 8192;
  int64_t tickets_per_consent = 8;
  int64_t browsers = 8192;
  int64_t browsers_per_user = 32;   // in which one user is signed in; the oldest is signed out
  int64_t sign_in_seconds = 28800;  // on the pages, at most
  int64_t sign_in_idle_seconds = 1800;
  int64_t watches = 1024;
  int64_t waiting_per_workload = 256;  // calls that wait for an issuer or a provider
  int64_t fetch_seconds = 30;          // of one request of reeve-fetch's
};

struct VaultConfig {
  SecretRef master_key{SecretRef::Kind::credential, "master-key"};
  std::optional<SecretRef> next_master_key;  // what `reeve rotate --master` changes to
};

// A binding service: where browsers reach it, and which processes may play its part.
struct BindingConfig {
  std::string name;                    // the table's
  uid_t uid = static_cast<uid_t>(-1);  // of its process, where no workload is named
  std::string workload;                // its process is that workload; empty: whoever has the uid
  std::string url;                     // an origin: no path, no trailing slash
  bool loopback = false;
  std::vector<std::string> proxies;  // addresses and networks that tell who asks
};

struct Config {
  DaemonConfig daemon;
  VaultConfig vault;
  LimitsConfig limits;
  // By the table's name.
  std::map<std::string, BindingConfig> bindings;
  std::map<std::string, IssuerConfig> issuers;
  std::map<std::string, ProviderConfig> providers;
  std::map<std::string, WorkloadConfig> workloads;
};

}  // namespace reeve
