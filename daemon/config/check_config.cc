#include <algorithm>
#include <set>

#include "config/sections.h"

namespace reeve {
namespace {

// The places of one workload's keys.
struct At {
  const TomlNode& root;
  ConfigReport& report;
  const WorkloadConfig& workload;

  void error(std::string_view key, const std::string& text) const {
    report.error(place_of(root, "workload", workload.name, key),
                 "[workload." + workload.name + "] " + std::string(key), text);
  }
};

void check_allow(const At& at, const AllowRule& rule, const Config& config) {
  if (rule.provider.empty()) return;
  const auto found = config.providers.find(rule.provider);
  if (found == config.providers.end()) {
    at.error("allow",
             "expected the name of a provider: there is no [provider." + rule.provider + "]");
    return;
  }
  const ProviderConfig& provider = found->second;
  for (const std::string& resource : rule.resources.value_or(std::vector<std::string>())) {
    const auto& known = provider.resources;
    if (std::find(known.begin(), known.end(), resource) != known.end()) continue;
    at.error("allow", "[provider." + rule.provider + "] resources does not list " + resource);
  }
  for (const std::string& scope : rule.scopes.value_or(std::vector<std::string>())) {
    if (scope.find(provider.shape.scope_separator) == std::string::npos) continue;
    at.error("allow", "\"" + scope + "\" holds the separator of [provider." + rule.provider + "]");
  }
}

void check_workload(const At& at, const Config& config) {
  for (const auto& [name, issuer] : at.workload.issuers) {
    if (config.issuers.contains(name)) continue;
    at.error("issuer", "expected the name of an issuer: there is no [issuer." + name + "]");
  }
  for (const std::string& name : at.workload.asserts) {
    if (config.issuers.contains(name)) continue;
    at.error("assert", "expected the name of an issuer: there is no [issuer." + name + "]");
  }
  for (const auto& [name, subjects] : at.workload.users) {
    const bool unix_users = name == "unix" && at.workload.unix_user;
    const auto& asserts = at.workload.asserts;
    if (unix_users || at.workload.issuers.contains(name) ||
        std::find(asserts.begin(), asserts.end(), name) != asserts.end()) {
      continue;
    }
    at.error("users", "expected an issuer of this workload (issuer, assert or unix): it has no \"" +
                          name + "\"");
  }
  for (const AllowRule& rule : at.workload.allow) check_allow(at, rule, config);
}

bool needs_attest(const WorkloadConfig& workload) {
  const WorkloadMatch& match = workload.match;
  return workload.pinned || match.mount_namespace || !match.executables.empty() ||
         !match.sha256s.empty() || !match.images.empty() || !match.image_digests.empty() ||
         !match.container_names.empty() || !match.labels.empty() || !match.ecs.empty();
}

void warn_workloads(const TomlNode& root, Reading& reading) {
  const auto& workloads = reading.config.workloads;
  for (auto one = workloads.begin(); one != workloads.end(); ++one) {
    const WorkloadConfig& workload = one->second;
    const Place place = place_of(root, "workload", one->first);
    const std::string where = "[workload." + one->first + "]";
    const bool for_users =
        !workload.issuers.empty() || !workload.asserts.empty() || workload.unix_user;
    if (!workload.allow.empty() && !for_users) {
      reading.report.warning(
          place, where, "has no issuer, assert or unix: it can act for no user, only for itself");
    }
    if (workload.allow.empty()) reading.report.warning(place, where, "allows nothing");
    if (needs_attest(workload) && !reading.config.daemon.attest) {
      reading.report.warning(place, where,
                             "matches nobody: what it names only reeve-attest can tell, and "
                             "[daemon] attest is not true");
    }
    for (auto other = workloads.begin(); other != one; ++other) {
      if (!(other->second.match == workload.match)) continue;
      reading.report.warning(place, where,
                             "matches the same processes as [workload." + other->first +
                                 "]: both are ambiguous, so such a process is denied");
    }
  }
}

void warn_providers(const TomlNode& root, Reading& reading) {
  std::set<std::string> issuers;
  for (const auto& [name, issuer] : reading.config.issuers) issuers.insert(issuer.issuer);
  std::set<std::string> used;
  for (const auto& [name, workload] : reading.config.workloads) {
    for (const AllowRule& rule : workload.allow) used.insert(rule.provider);
  }
  for (const auto& [name, provider] : reading.config.providers) {
    const Place place = place_of(root, "provider", name);
    const auto warn = [&, where = "[provider." + name + "]"](std::string_view text) {
      reading.report.warning(place, where, text);
    };
    if (!used.contains(name)) warn("no workload is allowed to use it");
    if (!provider.shape.pkce_off.empty()) warn("PKCE is off: " + provider.shape.pkce_off);
    if (provider.shape.account_source == "none") {
      warn("account is none: people confirm an account without seeing its name");
    }
    if (provider.account_match == AccountMatch::subject &&
        !issuers.contains(provider.shape.issuer)) {
      warn("account_match = \"subject\" proves nothing: no [issuer.NAME] has the same issuer");
    }
  }
}

void warn_hosts(const TomlNode& root, Reading& reading) {
  const Config& config = reading.config;
  const DaemonConfig& daemon = config.daemon;
  bool apart = daemon.daemon_uid != daemon.fetch_uid;
  for (const auto& [name, binding] : config.bindings) {
    const bool unix_users = std::any_of(
        config.workloads.begin(), config.workloads.end(), [&name = name](const auto& pair) {
          return pair.second.unix_user && pair.second.binding == name;
        });
    if (unix_users && !binding.loopback) {
      reading.report.warning(place_of(root, "binding", name, "url"), "[binding." + name + "] url",
                             "users of this host (unix = true) cannot sign in here: that takes a "
                             "loopback address");
    }
    const bool shared = binding.uid == daemon.daemon_uid || binding.uid == daemon.fetch_uid;
    if (binding.workload.empty() && shared) apart = false;
  }
  if (!reading.options.same_user && !apart) {
    const TomlNode* node = root.find("daemon");
    reading.report.warning(node ? node->place() : root.place(), "[daemon]",
                           "daemon_user, fetch_user and who may speak for a binding are not "
                           "different users: the processes are not separated");
  }
}

}  // namespace

Place place_of(const TomlNode& root, std::string_view kind, const std::string& name,
               std::string_view key) {
  const TomlNode* tables = root.find(kind);
  const TomlNode* node = tables ? tables->find(name) : nullptr;
  const TomlNode* member = node ? node->find(key) : nullptr;
  return member ? member->place() : node ? node->place() : root.place();
}

void check_names(const TomlNode& root, Reading& reading) {
  const Config& config = reading.config;
  for (const auto& [name, workload] : config.workloads) {
    check_workload({root, reading.report, workload}, config);
  }
  check_bindings(root, reading);
  for (const auto& [name, provider] : config.providers) {
    for (const auto& [issuer_name, issuer] : config.issuers) {
      if (provider.client.fetch != issuer.client.fetch) continue;
      reading.report.error(place_of(root, "provider", name, "fetch"),
                           "[provider." + name + "] fetch",
                           "\"" + provider.client.fetch + "\" also serves [issuer." + issuer_name +
                               "]: issuers and providers never share an instance");
    }
  }
}

void warn_config(const TomlNode& root, Reading& reading) {
  warn_workloads(root, reading);
  warn_providers(root, reading);
  warn_hosts(root, reading);
}

}  // namespace reeve
