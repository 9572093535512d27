// Policy: who is asking, and what it may have. Pure: no I/O, no clock.
//
// Whatever no rule allows is denied. A caller is the workload whose rule matches it most closely:
//  1. the rule that names more kinds of evidence (unit, container, uid, each label, ...) wins;
//  2. among those, the one that met more exact values and fewer globs ("agent@*.service");
//  3. if two are still equal the caller is `ambiguous`, and denied: no order of files decides.
// What it may ask for is what one entry of its `allow` list covers as a whole: the provider, each
// scope, and the resource. Scopes asked for by nobody are the provider's default ones as far as
// that entry allows them, or all of the entry's where none of the defaults is among them.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/config.h"
#include "peer/peer.h"
#include "policy/verdict.h"

namespace reeve {

// Who the caller is.
struct Match {
  const WorkloadConfig* workload = nullptr;  // the policy's own; null where denied
  // Where denied: none, or those that are equal.
  std::vector<std::string> ambiguous;
};

class Policy {
 public:
  // Keeps copies: the Config may go.
  explicit Policy(const Config& config);

  Match match(const Peer& peer) const;
  // What reeve-attest has to tell before this caller can be matched.
  AttestationWanted wanted(const Peer& peer) const;
  // What the caller's sessions are tied to; empty: the workload asks for what it does not have.
  static std::string scope_of(const WorkloadConfig& workload, const Peer& peer);
  // The workload of that name; null where there is none (after a reload, say).
  const WorkloadConfig* find(const std::string& workload) const;

  Verdict decide(const Ask& ask) const;
  // The same with the workload found from the peer; `ask.workload` is not read.
  Verdict decide(const Peer& peer, const Ask& ask) const;

  // May this caller open such a session? `issuer` is the table name for token and asserted;
  // `subject` the user's, where it is known yet. The token's audience is not judged here: see
  // WorkloadConfig::issuers. unix_user is for processes of the initial user namespace outside
  // containers only (THREATS W12).
  Verdict may_open(const Peer& peer, SessionKind kind, const std::string& issuer = "",
                   const std::optional<std::string>& subject = std::nullopt) const;

  // May this caller prove its uid, so that a browser is signed in as that user of this host? A
  // process of the initial user namespace, in no container, not root, and no workload, lest an
  // agent answers its own questions; but a workload may be a person's own terminal (prove_user).
  Verdict may_prove(const Peer& peer) const;

  // For people: the verdict, the rule, and for each other workload the first evidence that failed.
  std::string explain(const Peer& peer, const Ask& ask) const;

 private:
  struct Provider {
    std::vector<std::string> scopes;
    std::vector<std::string> resources;
  };
  // One entry of an allow list against the ask.
  Verdict judge(const AllowRule& rule, const Provider& provider, const Ask& ask) const;
  Verdict deny_match(const Match& match) const;

  std::map<std::string, WorkloadConfig> workloads_;
  std::map<std::string, Provider> providers_;
};

}  // namespace reeve
