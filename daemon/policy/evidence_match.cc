#include "policy/evidence_match.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace reeve {
namespace {

enum class Fit { no, glob, exact };

// "agent@*.service" and "podman:*": one star, for any text that is not empty. As a template's
// instance it may not hold the '@' or '/' that would make it another unit.
bool fits_glob(std::string_view pattern, std::string_view text) {
  const size_t star = pattern.find('*');
  if (star == std::string_view::npos) return false;
  const std::string_view before = pattern.substr(0, star);
  const std::string_view after = pattern.substr(star + 1);
  if (text.size() <= before.size() + after.size()) return false;
  const std::string_view middle =
      text.substr(before.size(), text.size() - before.size() - after.size());
  return text.starts_with(before) && text.ends_with(after) &&
         middle.find_first_of("@/") == std::string_view::npos;
}

Fit fit(const std::vector<std::string>& values, const std::optional<std::string>& text) {
  if (!text) return Fit::no;
  if (std::find(values.begin(), values.end(), *text) != values.end()) return Fit::exact;
  const bool glob = std::any_of(values.begin(), values.end(),
                                [&](const std::string& value) { return fits_glob(value, *text); });
  return glob ? Fit::glob : Fit::no;
}

Fit fit_container(const std::vector<std::string>& values, const Peer& peer) {
  if (peer.container) return fit(values, peer.container);
  const bool rootless = std::find(values.begin(), values.end(), "rootless") != values.end();
  return rootless && !peer.initial_user_namespace ? Fit::glob : Fit::no;
}

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

std::string show(const std::optional<std::string>& evidence) {
  return evidence ? *evidence : "nothing";
}

std::string show_groups(const Peer& peer) {
  std::string list = std::to_string(peer.gid);
  for (const gid_t id : peer.groups) list += "," + std::to_string(id);
  return list;
}

// Takes one kind after the other; after the first that fails the rest does not count.
class Matching {
 public:
  void need(bool named, const char* kind, Fit fit, const std::string& shown) {
    if (!named || !match_.matched) return;
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
  EvidenceMatch take() { return std::move(match_); }

 private:
  EvidenceMatch match_{.matched = true};
};

}  // namespace

EvidenceMatch match_evidence(const WorkloadMatch& rule, const Peer& peer) {
  Matching matching;
  matching.need(!rule.units.empty(), "unit", fit(rule.units, peer.unit), show(peer.unit));
  matching.need(!rule.containers.empty(), "container", fit_container(rule.containers, peer),
                show(peer.container));
  matching.need(!rule.cgroups.empty(), "cgroup", fit(rule.cgroups, peer.cgroup), show(peer.cgroup));
  matching.need(!rule.uids.empty(), "uid", fit_id(rule.uids, peer.uid), std::to_string(peer.uid));
  matching.need(!rule.gids.empty(), "gid", fit_id(rule.gids, peer.gid), std::to_string(peer.gid));
  matching.need(!rule.groups.empty(), "group", fit_group(rule.groups, peer), show_groups(peer));
  if (rule.units.empty() && rule.cgroups.empty() && rule.containers.empty()) {
    if (peer.container) matching.refuse("container", *peer.container);
    if (!peer.initial_user_namespace) matching.refuse("user_namespace", "not the initial one");
  }
  EvidenceMatch match = matching.take();
  if (match.kinds == 0) match.matched = false;  // a rule that names nothing matches nobody
  return match;
}

}  // namespace reeve
