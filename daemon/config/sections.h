// The readers of the single tables. Each takes its table out of the document, puts the values into
// the Config and what is wrong into the ConfigReport, and goes on; nothing here stops at an error.
// Internal to daemon/config.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/config.h"
#include "config/config_report.h"
#include "config/read_config.h"
#include "config/table_reader.h"
#include "config/toml_node.h"

namespace reeve {

struct Reading {
  const ConfigOptions& options;
  ConfigReport& report;
  Config& config;
};

// `root` is the whole document.
void read_daemon(const TomlNode& root, Reading& reading);
void read_vault(const TomlNode& root, Reading& reading);
void read_limits(const TomlNode& root, Reading& reading);
void read_bindings(const TomlNode& root, Reading& reading);
void read_issuers(const TomlNode& root, Reading& reading);
void read_providers(const TomlNode& root, Reading& reading);
void read_workloads(const TomlNode& root, Reading& reading);  // after issuers and providers
// What no single table can know: names that nothing defines, tables that contradict each other.
// `whole`: every file could be read, so that an unknown name is an error.
void check_names(const TomlNode& root, Reading& reading);
// The same of the bindings, and of which one each workload's users are sent to.
void check_bindings(const TomlNode& root, Reading& reading);
// Where [KIND.NAME] or one of its keys was written.
Place place_of(const TomlNode& root, std::string_view kind, const std::string& name,
               std::string_view key = "");
void warn_config(const TomlNode& root, Reading& reading);

// The tables [KIND.NAME]: calls `read(name, node)` for each with a proper name.
template <class Read>
void each_table(const TomlNode& root, std::string_view kind, ConfigReport& report, Read read);

// {credential = "..."} or {file = "..."}.
std::optional<SecretRef> read_secret_ref(TableReader& reader, std::string_view key);
// client_id, client_secret, loopback_http, private_addresses, fetch.
ClientConfig read_client(TableReader& reader, const std::string& fetch);
std::optional<std::string> read_client_auth(TableReader& reader);
// Where nothing was said: `fallback` with a secret, "none" without; checks it against the secret.
void settle_client_auth(TableReader& reader, ClientConfig& client, const std::string& fallback);
std::optional<std::string> read_issuer_url(TableReader& reader, bool loopback_http);

// A user or group by name or number; a list of them.
std::optional<uid_t> read_user(TableReader& reader, std::string_view key,
                               const AccountNames& names);
std::optional<gid_t> read_group(TableReader& reader, std::string_view key,
                                const AccountNames& names);
std::vector<uid_t> read_users(TableReader& reader, std::string_view key, const AccountNames& names);
std::vector<gid_t> read_groups(TableReader& reader, std::string_view key,
                               const AccountNames& names);

// The `match` table of a workload.
void read_match(TableReader& reader, const AccountNames& names, WorkloadMatch& match);

// Is the name of a table, and shows it: "[KIND.NAME]".
bool check_table_name(const std::string& kind, const std::string& name, const TomlNode& node,
                      ConfigReport& report);

template <class Read>
void each_table(const TomlNode& root, std::string_view kind, ConfigReport& report, Read read) {
  const TomlNode* tables = root.find(kind);
  if (!tables) return;
  if (!tables->table()) {
    report.error(tables->place(), kind, "expected tables [" + std::string(kind) + ".NAME]");
    return;
  }
  for (const auto& [name, node] : *tables->table()) {
    if (check_table_name(std::string(kind), name, node, report)) read(name, node);
  }
}

}  // namespace reeve
