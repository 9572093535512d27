#include <algorithm>

#include "config/sections.h"
#include "config/text_rules.h"

namespace reeve {
namespace {

bool is_return_url(const std::string& text) { return url_fault(text, {true, true}).empty(); }

constexpr TextRule return_rule{is_return_url, "an https URL (http on a loopback address)"};

void read_users_of(TableReader& reader, WorkloadConfig& workload) {
  if (auto issuers = reader.table("issuer")) {
    const TomlNode* node = reader.take("issuer");
    for (const auto& [name, value] : node->table() ? *node->table() : TomlTable()) {
      auto table = issuers->table(name);
      table->require("audiences", "the clients whose tokens count, a list");
      auto audiences = table->texts("audiences", line_rule, 1);
      table->finish();
      TableReader::set(workload.issuers[name].audiences, std::move(audiences));
    }
    issuers->finish();
  }
  TableReader::set(workload.asserts, reader.texts("assert", name_rule));
  TableReader::set(workload.unix_user, reader.boolean("unix"));
  TableReader::set(workload.prove_user, reader.boolean("prove_user"));
}

// users.ISSUER = [subjects], users.unix = [users of this host].
void read_user_limits(TableReader& reader, const AccountNames& names, WorkloadConfig& workload) {
  auto table = reader.table("users");
  if (!table) return;
  const TomlNode* node = reader.take("users");
  for (const auto& [name, value] : node->table() ? *node->table() : TomlTable()) {
    auto& subjects = workload.users[name];
    if (name == "unix") {
      for (const uid_t uid : read_users(*table, name, names)) {
        subjects.push_back(std::to_string(uid));
      }
    } else {
      TableReader::set(subjects, table->texts(name, line_rule, 1));
    }
  }
  table->finish();
  if (workload.users.empty()) reader.expected("users", "at least one issuer with its subjects");
}

void read_sessions(TableReader& reader, int64_t longest, WorkloadConfig& workload) {
  workload.session_lifetime = std::min(workload.session_lifetime, longest);
  TableReader::set(workload.session_lifetime, reader.integer("session_lifetime", 60, longest));
  TableReader::set(
      workload.session_scope,
      reader.choice<SessionScope>("session_scope", {{"automatic", SessionScope::automatic},
                                                    {"process", SessionScope::process},
                                                    {"unit", SessionScope::unit},
                                                    {"container", SessionScope::container},
                                                    {"workload", SessionScope::workload}}));
  TableReader::set(workload.pinned,
                   reader.choice<bool>("exec", {{"pinned", true}, {"any", false}}));
  workload.sessions = reader.integer("sessions", 1, 1000000);
  workload.consents = reader.integer("consents", 1, 1000000);
}

void read_allow(TableReader& reader, WorkloadConfig& workload) {
  for (TableReader& table : reader.tables("allow")) {
    AllowRule rule;
    if (table.require("provider", "the name of a [provider.NAME]")) {
      TableReader::set(rule.provider, table.text("provider", name_rule));
    }
    rule.scopes = table.texts("scopes", scope_rule);
    rule.resources = table.texts("resources", line_rule, 1);
    table.finish();
    workload.allow.push_back(std::move(rule));
  }
}

void read_workload(const std::string& name, const TomlNode& node, Reading& reading) {
  TableReader reader(node, "workload." + name, reading.report);
  WorkloadConfig& workload = reading.config.workloads[name];
  workload.name = name;
  read_match(reader, reading.options.accounts, workload.match);
  read_users_of(reader, workload);
  read_user_limits(reader, reading.options.accounts, workload);
  TableReader::set(workload.return_urls, reader.texts("return_urls", return_rule));
  read_sessions(reader, reading.config.limits.session_seconds, workload);
  TableReader::set(workload.share, reader.text("share", name_rule));
  TableReader::set(workload.binding, reader.text("binding", name_rule));
  read_allow(reader, workload);
  reader.finish();
}

}  // namespace

void read_workloads(const TomlNode& root, Reading& reading) {
  each_table(root, "workload", reading.report, [&](const std::string& name, const TomlNode& node) {
    read_workload(name, node, reading);
  });
}

}  // namespace reeve
