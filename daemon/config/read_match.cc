#include <algorithm>

#include "config/sections.h"
#include "config/text_rules.h"

namespace reeve {
namespace {

using Texts = WorkloadMatch::Texts;

bool one_star(const std::string& text) {
  return std::count(text.begin(), text.end(), '*') <= 1 && text != "*";
}

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

bool is_slice(const std::string& text) {
  return is_one_line(text) && text.ends_with(".slice") && text.size() > 6 && one_star(text) &&
         text.find('/') == std::string::npos;
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

bool is_hexadecimal(const std::string& text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

bool is_digest(const std::string& text) {
  return text.starts_with("sha256:") && is_hexadecimal(text.substr(7));
}

bool is_pattern(const std::string& text) { return is_one_line(text) && one_star(text); }

bool is_executable(const std::string& text) { return is_cgroup(text) && one_star(text); }

bool is_label(const std::string& text) { return is_one_line(text) && text.size() <= 128; }

bool is_ecs_key(const std::string& text) {
  constexpr std::string_view known[] = {"cluster", "task_arn", "family", "version", "container"};
  return std::find(std::begin(known), std::end(known), text) != std::end(known);
}

// Keys whose value is one text or a list of alternatives.
struct Kind {
  const char* key;
  Texts WorkloadMatch::*member;
  TextRule rule;
};

constexpr Kind kinds[] = {
    {"unit",
     &WorkloadMatch::units,
     {is_unit, "a unit, \"x.service\", or a template's, \"x@*.service\""}},
    {"slice",
     &WorkloadMatch::slices,
     {is_slice, "a slice, \"agents.slice\", with one '*' at most"}},
    {"cgroup", &WorkloadMatch::cgroups, {is_cgroup, "the absolute path of a control group"}},
    {"container",
     &WorkloadMatch::containers,
     {is_container, "\"ENGINE:ID\", \"ENGINE:*\", \"*\" or \"rootless\""}},
    {"pod", &WorkloadMatch::pods, {is_pattern, "a pod's id"}},
    {"lsm", &WorkloadMatch::lsm_labels, {is_pattern, "a label, with one '*' at most"}},
    {"executable",
     &WorkloadMatch::executables,
     {is_executable, "the absolute path of a program, with one '*' at most"}},
    {"sha256", &WorkloadMatch::sha256s, {is_hexadecimal, "64 hexadecimal digits in lower case"}},
    {"image", &WorkloadMatch::images, {is_pattern, "an image's name, with one '*' at most"}},
    {"image_digest",
     &WorkloadMatch::image_digests,
     {is_digest, "\"sha256:\" and 64 hexadecimal digits in lower case"}},
    {"container_name",
     &WorkloadMatch::container_names,
     {is_pattern, "a container's name, with one '*' at most"}},
};

// A table of such values: label = { "com.example.team" = "agents" }, ecs = { family = "triage" }.
void read_named(TableReader& reader, const char* key, const TextRule& name_rule,
                std::map<std::string, Texts>& named) {
  auto table = reader.table(key);
  if (!table) return;
  const TomlNode* node = reader.take(key);
  constexpr TextRule value_rule{is_pattern, "a text, with one '*' at most"};
  for (const auto& [name, value] : node->table() ? *node->table() : TomlTable()) {
    if (!name_rule.test(name)) {
      table->take(name);
      table->error(name, std::string("expected as its name ") + name_rule.expected);
      continue;
    }
    TableReader::set(named[name], table->one_or_more(name, value_rule));
  }
  table->finish();
  if (named.empty()) reader.expected(key, "at least one name with its value");
}

void read_namespace(TableReader& reader, const char* key, std::optional<bool>& initial) {
  initial = reader.choice<bool>(key, {{"initial", true}, {"other", false}});
}

void check_rootless(TableReader& table, const WorkloadMatch& match) {
  const auto& kind = match.containers;
  const bool rootless = std::find(kind.begin(), kind.end(), "rootless") != kind.end();
  if (rootless && !table.has("uid")) {
    table.error("container", "\"rootless\" counts as its uid and no more: expected uid beside it");
  }
}

}  // namespace

void read_match(TableReader& reader, const AccountNames& names, WorkloadMatch& match) {
  if (!reader.require("match", "a table of evidence, { unit = \"...\", uid = \"...\" }")) return;
  auto table = reader.table("match");
  match.uids = read_users(*table, "uid", names);
  match.gids = read_groups(*table, "gid", names);
  match.groups = read_groups(*table, "group", names);
  for (const Kind& kind : kinds) {
    TableReader::set(match.*kind.member, table->one_or_more(kind.key, kind.rule));
  }
  read_named(*table, "label", {is_label, "a label's name"}, match.labels);
  read_named(*table, "ecs", {is_ecs_key, "one of cluster, task_arn, family, version, container"},
             match.ecs);
  read_namespace(*table, "user_namespace", match.user_namespace);
  read_namespace(*table, "pid_namespace", match.pid_namespace);
  read_namespace(*table, "mount_namespace", match.mount_namespace);
  table->finish();
  check_rootless(*table, match);
  std::string list = "uid, gid, group";
  bool any = table->has("uid") || table->has("gid") || table->has("group") || table->has("label") ||
             table->has("ecs");
  for (const Kind& kind : kinds) {
    any = any || table->has(kind.key);
    list.append(", ").append(kind.key);
  }
  if (!any) reader.expected("match", "at least one of " + list + ", label, ecs");
}

}  // namespace reeve
