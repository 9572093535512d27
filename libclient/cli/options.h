// Options: what the command line said, and the verb to run with it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/adapters.h"

namespace reeve::cli {

// For whom `reeve token` asks; at most one is given, else the environment says.
struct Identity {
  std::optional<std::string> session;
  std::optional<std::string> user_token_file;
  std::vector<std::string> as_user;  // issuer and subject, or empty
  bool as_unix = false;
  bool as_workload = false;
};

struct TokenOptions {
  Identity identity;
  std::string provider;
  std::vector<std::string> scopes;
  std::optional<std::string> resource, account;
  std::optional<int64_t> min_valid;
  std::vector<std::string> acr_values;
  std::optional<int64_t> max_age;
  bool fresh = false;
  bool wait = false;
};

// Which sessions or grants; all that is given must fit.
struct Selection {
  std::vector<std::string> user;  // issuer and subject, or empty
  std::optional<std::string> provider, workload, grant, session;
  bool sessions = false;  // end the sessions too
  bool yes = false;
};

struct ExplainOptions {
  std::optional<int64_t> pid;
  std::vector<std::string> evidence;  // "name=value"
  std::optional<std::string> user;
  std::string provider;
  std::vector<std::string> scopes;
};

struct EventOptions {
  bool follow = false;
};

struct CheckOptions {
  std::optional<std::string> file, presets;
  bool same_user = false;
};

struct SetupOptions {
  bool user = false;        // a daemon of one's own
  bool if_missing = false;  // a key that is there will do
  std::string name, preset, issuer, client_id;
  std::optional<std::string> secret_file;  // "-": standard input
  std::vector<std::string> scopes;
  bool loopback_http = false, private_addresses = false;
  std::optional<int64_t> port;  // of the pages of a daemon of one's own
};

// Which records, and by what they are checked.
struct AuditOptions {
  std::optional<std::string> file, key, head;
  std::optional<std::string> event, workload, provider, grant;
  std::vector<std::string> user;  // issuer and subject, or empty
  int64_t lines = 20;
};

struct RotateOptions {
  bool master = false, recovery = false;
};

// A file of a backup, and what restoring it needs.
struct BackupOptions {
  std::string file;
  std::optional<std::string> key, config, presets;
  bool same_user = false;
};

struct MetricsOptions {
  std::optional<std::string> format, output;
};

constexpr const char* kSystemAdminSocket = "/run/reeve/admin.sock";

struct Options {
  std::string socket;
  std::string admin_socket;
  bool socket_named = false;  // it is no default
  bool json = false;
  std::optional<int> timeout;  // seconds
  TokenOptions token;
  std::optional<std::string> page;  // to go on to after a sign-in
  Selection selection;
  ExplainOptions explain;
  CheckOptions check;
  EventOptions events;
  AdapterOptions adapters;
  SetupOptions setup;
  AuditOptions audit;
  RotateOptions rotate;
  BackupOptions backup;
  MetricsOptions metrics;
  int (*verb)(const Options&) = nullptr;  // returns an exit status, or throws Failure
};

// Reads the command line and the environment. A status: end with it, all is said (--help, an
// error).
std::optional<int> read_options(int argc, char** argv, Options& options);

}  // namespace reeve::cli
