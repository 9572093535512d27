#include <algorithm>

#include "config/sections.h"
#include "config/text_rules.h"

namespace reeve {
namespace {

// "x.service", or all instances of one template: "agent@*.service". No other '*'.
bool is_unit(const std::string& text) {
  if (!is_one_line(text) || text.find('/') != std::string::npos) return false;
  const size_t star = text.find('*');
  const std::string name = text.substr(0, text.find('@'));
  if (star != std::string::npos) {
    if (text.find('*', star + 1) != std::string::npos) return false;
    if (star == 0 || text[star - 1] != '@' || star + 1 >= text.size() || text[star + 1] != '.') {
      return false;
    }
  }
  return !name.empty() && text.find('.') != std::string::npos && !text.ends_with('.');
}

bool is_cgroup(const std::string& text) {
  return is_absolute_path(text) && text.size() > 1 && !text.ends_with('/') &&
         text.find("//") == std::string::npos && (text + "/").find("/../") == std::string::npos;
}

bool is_container(const std::string& text) {
  if (text == "*" || text == "rootless") return true;
  const size_t colon = text.find(':');
  if (colon == std::string::npos || !is_table_name(text.substr(0, colon))) return false;
  const std::string id = text.substr(colon + 1);
  return id == "*" || is_table_name(id);
}

bool is_return_url(const std::string& text) { return url_fault(text, {true, true}).empty(); }

constexpr TextRule unit_rule{is_unit, "a unit, \"x.service\", or a template's, \"x@*.service\""};
constexpr TextRule cgroup_rule{is_cgroup, "the absolute path of a control group"};
constexpr TextRule container_rule{is_container,
                                  "\"ENGINE:ID\", \"ENGINE:*\", \"*\" or \"rootless\""};
constexpr TextRule return_rule{is_return_url, "an https URL (http on a loopback address)"};

void read_match(TableReader& reader, const AccountNames& names, WorkloadMatch& match) {
  if (!reader.require("match", "a table of evidence, { unit = \"...\", uid = \"...\" }")) return;
  auto table = reader.table("match");
  match.uids = read_users(*table, "uid", names);
  match.gids = read_groups(*table, "gid", names);
  match.groups = read_groups(*table, "group", names);
  TableReader::set(match.units, table->one_or_more("unit", unit_rule));
  TableReader::set(match.cgroups, table->one_or_more("cgroup", cgroup_rule));
  TableReader::set(match.containers, table->one_or_more("container", container_rule));
  table->finish();
  const auto& kinds = match.containers;
  const bool rootless = std::find(kinds.begin(), kinds.end(), "rootless") != kinds.end();
  if (rootless && !table->has("uid")) {
    table->error("container", "\"rootless\" counts as its uid and no more: expected uid beside it");
  }
  for (const char* kind : {"uid", "gid", "group", "unit", "cgroup", "container"}) {
    if (table->has(kind)) return;
  }
  reader.expected("match", "at least one of uid, gid, group, unit, cgroup, container");
}

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
  TableReader::set(workload.return_urls, reader.texts("return_urls", return_rule));
  const int64_t longest = reading.config.limits.session_seconds;
  workload.session_lifetime = std::min(workload.session_lifetime, longest);
  TableReader::set(workload.session_lifetime, reader.integer("session_lifetime", 60, longest));
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
