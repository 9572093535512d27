#include <unistd.h>

#include "config/plain_url.h"
#include "config/sections.h"
#include "config/text_rules.h"

namespace reeve {
namespace {

// The configured account, else the one of that name, else (development) our own.
template <class Read, class Find, class Id>
void account(TableReader& reader, const char* key, const char* name, Read read, Find find,
             std::optional<Id> own, Id& id) {
  const auto configured = read(reader, key);
  if (configured) {
    id = *configured;
    return;
  }
  if (reader.has(key)) return;  // an error by now
  const auto found = own ? own : find(name);
  if (found) {
    id = *found;
    return;
  }
  reader.error(key, std::string("missing, and this host has no \"") + name +
                        "\": expected a name or number (or --same-user, for development)");
}

void read_accounts(TableReader& reader, const ConfigOptions& options, DaemonConfig& daemon) {
  const AccountNames& names = options.accounts;
  const auto user = [&](TableReader& table, const char* key) {
    return read_user(table, key, names);
  };
  const auto group = [&](TableReader& table, const char* key) {
    return read_group(table, key, names);
  };
  std::optional<uid_t> own_uid;
  std::optional<gid_t> own_gid;
  if (options.same_user) {
    own_uid = ::geteuid();
    own_gid = ::getegid();
  }
  account(reader, "daemon_user", "reeve", user, names.user, own_uid, daemon.daemon_uid);
  account(reader, "binder_user", "reeve-bind", user, names.user, own_uid, daemon.binder_uid);
  account(reader, "fetch_user", "reeve-fetch", user, names.user, own_uid, daemon.fetch_uid);
  account(reader, "admin_group", "reeve-admin", group, names.group, own_gid, daemon.admin_gid);
}

// What a browser's Host and Origin headers say, and nothing else.
std::string origin_fault(const std::string& text) {
  std::string fault = url_fault(text, {true, true});
  if (!fault.empty()) return fault;
  const PlainUrl url = *parse_plain_url(text);
  if (!url.path.empty() || url.has_query)
    return "expected no path and no query, not even a last '/'";
  if (url.port == (url.https ? 443 : 80)) {
    return "expected no port: it is the default one, which browsers leave out";
  }
  return "";
}

}  // namespace

void read_daemon(const TomlNode& root, Reading& reading) {
  static const TomlNode none{TomlTable{}, {}};
  const TomlNode* node = root.find("daemon");
  TableReader reader(node ? *node : none, "daemon", reading.report);
  DaemonConfig& daemon = reading.config.daemon;
  TableReader::set(daemon.state_directory, reader.text("state_directory", path_rule));
  TableReader::set(daemon.runtime_directory, reader.text("runtime_directory", path_rule));
  daemon.audit = daemon.state_directory + "/audit.jsonl";
  TableReader::set(daemon.audit, reader.text("audit", path_rule));
  TableReader::set(daemon.audit_megabytes, reader.integer("audit_megabytes", 1, 1'000'000));
  TableReader::set(daemon.audit_files, reader.integer("audit_files", 0, 1'000'000));
  read_accounts(reader, reading.options, daemon);
  TableReader::set(daemon.attest, reader.boolean("attest"));
  reader.finish();
}

void read_vault(const TomlNode& root, Reading& reading) {
  const TomlNode* node = root.find("vault");
  if (!node) return;
  TableReader reader(*node, "vault", reading.report);
  TableReader::set(reading.config.vault.master_key, read_secret_ref(reader, "master_key"));
  reading.config.vault.next_master_key = read_secret_ref(reader, "next_master_key");
  reader.finish();
}

void read_bindings(const TomlNode& root, Reading& reading) {
  each_table(root, "binding", reading.report, [&](const std::string& name, const TomlNode& node) {
    TableReader reader(node, "binding." + name, reading.report);
    BindingConfig& binding = reading.config.bindings[name];
    binding.name = name;
    if (reader.require("url", "where browsers reach this binder, \"https://HOST[:PORT]\"")) {
      TableReader::set(binding.url, reader.text("url"));
    }
    if (!binding.url.empty()) {
      const std::string fault = origin_fault(binding.url);
      if (!fault.empty()) reader.error("url", fault);
      const auto url = parse_plain_url(binding.url);
      binding.loopback = url && is_loopback_host(url->host);
    }
    TableReader::set(binding.uid, read_user(reader, "user", reading.options.accounts));
    if (!reader.has("user")) binding.uid = reading.config.daemon.binder_uid;
    TableReader::set(binding.workload, reader.text("workload", name_rule));
    TableReader::set(binding.proxies, reader.texts("proxies", network_rule));
    if (reader.has("user") && reader.has("workload")) {
      reader.error("workload", "expected user or workload, not both");
    }
    reader.finish();
  });
}

}  // namespace reeve
