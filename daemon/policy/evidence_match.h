// match_evidence: does one workload's rule match this caller, and how closely?
//
// Every kind of evidence that the rule names must be there and must equal one of its values; what
// is absent matches nothing. Further conditions stand over the single kinds (THREATS W4):
//  - Users and groups are what a container's engine chose, and so is every file in it. A rule that
//    names no container, image, pod, task, unit or cgroup matches no process inside a container,
//    and none of another user or pid namespace, unless it names that namespace itself.
//  - container = "rootless" lifts that: a process of another user namespace whose container nobody
//    can prove; it counts as its uid and no more (configuration asks for uid beside it).
//  - ecs: the labels are the engine's word; the task that they name must be the one of the cgroup.
#pragma once

#include <string>

#include "config/workload_config.h"
#include "peer/peer.h"

namespace reeve {

struct EvidenceMatch {
  bool matched = false;
  // How close: kinds of evidence the rule names, and how many of them met an exact value.
  int kinds = 0;
  int exact = 0;
  // The first evidence that failed: its kind ("uid"), and what the caller showed instead.
  std::string kind;
  std::string shown;
};

EvidenceMatch match_evidence(const WorkloadMatch& rule, const Peer& peer);

// What of reeve-attest's the rule names, where all the rest of it matches; nothing where that fails
// already.
struct RuleWanted : AttestationWanted {
  bool possible = false;  // all the rest matches
};
RuleWanted wanted_for(const WorkloadMatch& rule, const Peer& peer);

}  // namespace reeve
