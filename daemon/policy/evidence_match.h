// match_evidence: does one workload's rule match this caller, and how closely?
//
// Every kind of evidence that the rule names must be there and must equal one of its values; what
// is absent matches nothing. Two further conditions stand over the single kinds (THREATS W4):
//  - Users and groups are what a container's engine chose. A rule that names nothing but uid, gid
//  or
//    group matches no process inside a container, and none of another user namespace.
//  - container = "rootless" lifts the second: a process of another user namespace whose container
//    nobody can prove; it counts as its uid and no more (configuration asks for uid beside it).
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

}  // namespace reeve
