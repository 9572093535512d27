#include "policy/evidence_match.h"

#include <algorithm>

#include "policy/fit.h"

namespace reeve {
namespace {

using Texts = WorkloadMatch::Texts;

struct EcsLabel {
  std::string_view key, label;
};
constexpr EcsLabel kEcsLabels[] = {{"cluster", "com.amazonaws.ecs.cluster"},
                                   {"task_arn", "com.amazonaws.ecs.task-arn"},
                                   {"family", "com.amazonaws.ecs.task-definition-family"},
                                   {"version", "com.amazonaws.ecs.task-definition-version"},
                                   {"container", "com.amazonaws.ecs.container-name"}};

template <class Id>
Fit fit_id(const std::vector<Id>& values, Id id) {
  return std::find(values.begin(), values.end(), id) == values.end() ? Fit::no : Fit::exact;
}

Fit fit_group(const std::vector<gid_t>& values, const Peer& peer) {
  const bool supplementary = std::any_of(peer.groups.begin(), peer.groups.end(), [&](gid_t id) {
    return fit_id(values, id) == Fit::exact;
  });
  return supplementary ? Fit::exact : fit_id(values, peer.gid);
}

bool names_rootless(const WorkloadMatch& rule) {
  return std::find(rule.containers.begin(), rule.containers.end(), "rootless") !=
         rule.containers.end();
}

Fit fit_container(const WorkloadMatch& rule, const Peer& peer) {
  if (peer.container) return fit(rule.containers, peer.container);
  return names_rootless(rule) && !peer.initial_user_namespace ? Fit::glob : Fit::no;
}

std::optional<std::string> label_of(const Peer& peer, std::string_view name) {
  const auto found = peer.attested.labels.find(std::string(name));
  return found == peer.attested.labels.end() ? std::nullopt : std::optional(found->second);
}

// That the labels' task is the one whose cgroup the process is in.
bool ecs_task_holds(const Peer& peer) {
  const auto arn = label_of(peer, "com.amazonaws.ecs.task-arn");
  return arn && peer.ecs_task && arn->ends_with("/" + *peer.ecs_task);
}

std::string show(const std::optional<std::string>& evidence) {
  return evidence.value_or("nothing");
}

std::string show(const Texts& evidence) {
  std::string list;
  for (const std::string& one : evidence) list += (list.empty() ? "" : ",") + one;
  return list.empty() ? "nothing" : list;
}

std::string show_groups(const Peer& peer) {
  std::string list = std::to_string(peer.gid);
  for (const gid_t id : peer.groups) list += "," + std::to_string(id);
  return list;
}

// Takes one kind after the other; after the first that fails the rest does not count.
class Matching {
 public:
  Matching(const WorkloadMatch& rule, const Peer& peer) : rule_(rule), peer_(peer) {}

  // What the kernel says to everyone.
  void kernel() {
    text("unit", rule_.units, peer_.unit);
    need(!rule_.containers.empty(), "container", fit_container(rule_, peer_),
         show(peer_.container));
    text("pod", rule_.pods, peer_.pod);
    texts("slice", rule_.slices, peer_.slices);
    text("cgroup", rule_.cgroups, peer_.cgroup);
    need(!rule_.uids.empty(), "uid", fit_id(rule_.uids, peer_.uid), std::to_string(peer_.uid));
    need(!rule_.gids.empty(), "gid", fit_id(rule_.gids, peer_.gid), std::to_string(peer_.gid));
    need(!rule_.groups.empty(), "group", fit_group(rule_.groups, peer_), show_groups(peer_));
    text("lsm", rule_.lsm_labels, peer_.lsm);
    space("user_namespace", rule_.user_namespace, peer_.initial_user_namespace);
    space("pid_namespace", rule_.pid_namespace, peer_.initial_pid_namespace);
    if (!rule_.ecs.empty()) need_of_container("ecs");
    outside_containers();
  }

  // What reeve-attest says.
  void attested() {
    const Attestation& attested = peer_.attested;
    text("executable", rule_.executables, attested.executable);
    text("sha256", rule_.sha256s, attested.sha256);
    space("mount_namespace", rule_.mount_namespace, attested.initial_mount_namespace);
    text("image", rule_.images, attested.image);
    texts("image_digest", rule_.image_digests, attested.image_digests);
    text("container_name", rule_.container_names, attested.container_name);
    for (const auto& [name, values] : rule_.labels)
      named(("label." + name).c_str(), values, label_of(peer_, name));
    if (!rule_.ecs.empty() && !ecs_task_holds(peer_))
      refuse("ecs.task_arn", show(label_of(peer_, "com.amazonaws.ecs.task-arn")));
    for (const EcsLabel& one : kEcsLabels) {
      const auto found = rule_.ecs.find(std::string(one.key));
      if (found == rule_.ecs.end()) continue;
      named(("ecs." + found->first).c_str(), found->second, label_of(peer_, one.label));
    }
  }

  EvidenceMatch take() {
    if (match_.kinds == 0) match_.matched = false;  // a rule that names nothing matches nobody
    return std::move(match_);
  }
  bool matched() const { return match_.matched; }

 private:
  void need(bool is_named, const char* kind, Fit fit, const std::string& shown) {
    if (!is_named || !match_.matched) return;
    ++match_.kinds;
    if (fit == Fit::exact) ++match_.exact;
    if (fit == Fit::no) refuse(kind, shown);
  }
  void refuse(const char* kind, const std::string& shown) {
    if (!match_.matched) return;
    match_.matched = false;
    match_.kind = kind;
    match_.shown = shown;
  }
  void text(const char* kind, const Texts& values, const std::optional<std::string>& evidence) {
    need(!values.empty(), kind, fit(values, evidence), show(evidence));
  }
  void named(const char* kind, const Texts& values, const std::optional<std::string>& evidence) {
    need(true, kind, fit(values, evidence), show(evidence));
  }
  void texts(const char* kind, const Texts& values, const Texts& evidence) {
    need(!values.empty(), kind, fit_any(values, evidence), show(evidence));
  }
  void space(const char* kind, std::optional<bool> initial, std::optional<bool> shown) {
    need(initial.has_value(), kind, shown == initial ? Fit::exact : Fit::no,
         !shown   ? "nothing"
         : *shown ? "initial"
                  : "other");
  }
  void need_of_container(const char* kind) {
    if (!peer_.ecs_task) refuse(kind, "no task's cgroup");
  }
  // W4, see the header.
  void outside_containers() {
    const bool inside = !rule_.units.empty() || !rule_.cgroups.empty() ||
                        !rule_.containers.empty() || !rule_.pods.empty() || !rule_.ecs.empty() ||
                        !rule_.images.empty() || !rule_.image_digests.empty() ||
                        !rule_.container_names.empty() || !rule_.labels.empty();
    if (inside) return;
    if (peer_.container) refuse("container", *peer_.container);
    if (!peer_.initial_user_namespace && rule_.user_namespace != false)
      refuse("user_namespace", "not the initial one");
    if (!peer_.initial_pid_namespace && rule_.pid_namespace != false)
      refuse("pid_namespace", "not the initial one");
  }

  const WorkloadMatch& rule_;
  const Peer& peer_;
  EvidenceMatch match_{.matched = true};
};

}  // namespace

EvidenceMatch match_evidence(const WorkloadMatch& rule, const Peer& peer) {
  Matching matching(rule, peer);
  matching.kernel();
  matching.attested();
  return matching.take();
}

RuleWanted wanted_for(const WorkloadMatch& rule, const Peer& peer) {
  Matching matching(rule, peer);
  matching.kernel();
  if (!matching.matched()) return {};
  RuleWanted wanted;
  wanted.possible = true;
  wanted.executable = !rule.executables.empty() || !rule.sha256s.empty();
  wanted.namespaces = rule.mount_namespace.has_value();
  wanted.container = peer.container &&
                     (!rule.images.empty() || !rule.image_digests.empty() ||
                      !rule.container_names.empty() || !rule.labels.empty() || !rule.ecs.empty());
  return wanted;
}

}  // namespace reeve
