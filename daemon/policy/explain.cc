#include "base/encoding.h"
#include "policy/evidence_match.h"
#include "policy/policy.h"

namespace reeve {
namespace {

std::string list(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& one : words) text += " " + one;
  return text.empty() ? " (none)" : text;
}

std::string explain_match(const std::string& name, const WorkloadConfig& workload,
                          const Peer& peer) {
  const EvidenceMatch match = match_evidence(workload.match, peer);
  if (match.matched) {
    return "  " + name + ": matches by " + std::to_string(match.kinds) +
           (match.kinds == 1 ? " kind" : " kinds") + " of evidence, " +
           std::to_string(match.exact) + " exact\n";
  }
  return "  " + name + ": no match: " + match.kind + " is " + printable(match.shown) + "\n";
}

}  // namespace

std::string Policy::explain(const Peer& peer, const Ask& ask) const {
  const Verdict verdict = decide(peer, ask);
  std::string text = verdict.allowed ? "verdict: allowed\n" : "verdict: denied\n";
  text += "rule: " + (verdict.rule.empty() ? "(none)" : verdict.rule) + "\n";
  text += "reason: " + std::string(word(verdict.reason)) + ": " + printable(verdict.text) + "\n";
  if (verdict.allowed) {
    text += "scopes:" + list(verdict.scopes) + "\n";
    if (verdict.resource) text += "resource: " + *verdict.resource + "\n";
  }
  text += "workloads:\n";
  for (const auto& [name, workload] : workloads_) text += explain_match(name, workload, peer);
  return text;
}

}  // namespace reeve
