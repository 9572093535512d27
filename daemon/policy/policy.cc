#include "policy/policy.h"

#include <algorithm>
#include <utility>

#include "policy/evidence_match.h"

namespace reeve {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& item) {
  return std::find(list.begin(), list.end(), item) != list.end();
}

Verdict deny(Reason reason, std::string text) {
  return {.allowed = false, .rule = "", .reason = reason, .text = std::move(text)};
}

// Whether the caller's uid is that of a user of this host (THREATS W12).
bool of_this_host(const Peer& peer) {
  return !peer.container && !peer.rootless && peer.initial_user_namespace &&
         peer.initial_pid_namespace;
}

// Whether the workload's `users`, if it has them, name this one. One that is not known yet passes.
bool among_users(const WorkloadConfig& workload, const std::string& issuer,
                 const std::optional<std::string>& subject) {
  if (workload.users.empty()) return true;
  const auto found = workload.users.find(issuer);
  return found != workload.users.end() && (!subject || contains(found->second, *subject));
}

bool acts_for(const WorkloadConfig& workload, const std::string& user) {
  if (user == "unix") return workload.unix_user;
  return workload.issuers.contains(user) || contains(workload.asserts, user);
}

std::vector<std::string> default_scopes(const std::vector<std::string>& defaults,
                                        const std::vector<std::string>& allowed) {
  std::vector<std::string> scopes;
  for (const std::string& scope : defaults) {
    if (contains(allowed, scope)) scopes.push_back(scope);
  }
  return scopes.empty() ? allowed : scopes;
}

std::vector<std::string> unique(const std::vector<std::string>& list) {
  std::vector<std::string> items;
  for (const std::string& item : list) {
    if (!contains(items, item)) items.push_back(item);
  }
  return items;
}

std::string join(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list.append(list.empty() ? "" : ", ").append(name);
  return list;
}

}  // namespace

std::string_view word(Reason reason) {
  switch (reason) {
    case Reason::allowed: return "allowed";
    case Reason::no_workload: return "no_workload";
    case Reason::ambiguous: return "ambiguous";
    case Reason::unknown_provider: return "unknown_provider";
    case Reason::provider_not_allowed: return "provider_not_allowed";
    case Reason::user_not_allowed: return "user_not_allowed";
    case Reason::scope_not_allowed: return "scope_not_allowed";
    case Reason::scope_unavailable: return "scope_unavailable";
    case Reason::resource_not_allowed: return "resource_not_allowed";
    case Reason::resource_required: return "resource_required";
  }
  return "no_workload";
}

Policy::Policy(const Config& config) : workloads_(config.workloads) {
  for (const auto& [name, provider] : config.providers) {
    providers_[name] = {provider.scopes, provider.resources};
  }
}

Match Policy::match(const Peer& peer) const {
  Match best;
  std::pair<int, int> closest{0, 0};
  std::vector<std::string> equal;
  for (const auto& [name, workload] : workloads_) {
    const EvidenceMatch match = match_evidence(workload.match, peer);
    if (!match.matched) continue;
    const std::pair<int, int> close{match.kinds, match.exact};
    if (close < closest) continue;
    if (close > closest) equal.clear();
    closest = close;
    equal.push_back(name);
    best.workload = &workload;
  }
  if (equal.size() > 1) return {nullptr, std::move(equal)};
  return best;
}

AttestationWanted Policy::wanted(const Peer& peer) const {
  AttestationWanted all;
  for (const auto& [name, workload] : workloads_) {
    const RuleWanted wanted = wanted_for(workload.match, peer);
    all.executable = all.executable || wanted.executable || (workload.pinned && wanted.possible);
    all.namespaces = all.namespaces || wanted.namespaces;
    all.container = all.container || wanted.container;
  }
  return all;
}

std::string Policy::scope_of(const WorkloadConfig& workload, const Peer& peer) {
  switch (workload.session_scope) {
    case SessionScope::automatic: return peer.scope;
    case SessionScope::process: return peer.process_scope;
    case SessionScope::unit: return peer.unit_scope;
    case SessionScope::container: return peer.container_scope;
    case SessionScope::workload: return "workload:" + workload.name;
  }
  return "";
}

const WorkloadConfig* Policy::find(const std::string& workload) const {
  const auto found = workloads_.find(workload);
  return found == workloads_.end() ? nullptr : &found->second;
}

Verdict Policy::deny_match(const Match& match) const {
  if (match.ambiguous.empty()) {
    return deny(Reason::no_workload, "no workload's evidence matches this process");
  }
  Verdict verdict = deny(Reason::ambiguous, "several workloads match equally closely");
  verdict.rule = join(match.ambiguous);
  return verdict;
}

Verdict Policy::judge(const AllowRule& rule, const Provider& provider, const Ask& ask) const {
  const std::vector<std::string>& resources = rule.resources ? *rule.resources : provider.resources;
  Verdict verdict{.allowed = true, .rule = ask.workload, .reason = Reason::allowed};
  verdict.resource = ask.resource;
  if (ask.resource && !contains(resources, *ask.resource)) {
    return deny(Reason::resource_not_allowed, "the resource is not in the allow entry");
  }
  if (!ask.resource && rule.resources) {
    if (resources.size() != 1) {
      return deny(Reason::resource_required, "the allow entry lists resources: one must be named");
    }
    verdict.resource = resources.front();
  }
  const std::vector<std::string>& scopes = rule.scopes ? *rule.scopes : provider.scopes;
  verdict.scopes = ask.scopes ? unique(*ask.scopes) : default_scopes(provider.scopes, scopes);
  for (const std::string& scope : verdict.scopes) {
    if (contains(scopes, scope)) continue;
    return deny(Reason::scope_not_allowed, "the scope \"" + scope + "\" is not in the allow entry");
  }
  verdict.text = "allowed by [workload." + ask.workload + "]";
  return verdict;
}

Verdict Policy::decide(const Ask& ask) const {
  const WorkloadConfig* workload = find(ask.workload);
  if (!workload) return deny(Reason::no_workload, "there is no such workload");
  Verdict verdict;
  const auto provider = providers_.find(ask.provider);
  if (ask.user && !acts_for(*workload, *ask.user)) {
    verdict = deny(Reason::user_not_allowed, "it may not act for users of \"" + *ask.user + "\"");
  } else if (ask.user && !among_users(*workload, *ask.user, ask.subject)) {
    verdict = deny(Reason::user_not_allowed, "its users do not name this one");
  } else if (provider == providers_.end()) {
    verdict = deny(Reason::unknown_provider, "there is no [provider." + ask.provider + "]");
  } else {
    verdict = deny(Reason::provider_not_allowed,
                   "no allow entry names provider \"" + ask.provider + "\"");
    for (const AllowRule& rule : workload->allow) {
      if (rule.provider != ask.provider) continue;
      Verdict judged = judge(rule, provider->second, ask);
      // Of several refusals the one about scopes is the nearest miss: its resource was right.
      const bool nearer = verdict.reason != Reason::scope_not_allowed;
      if (judged.allowed || nearer) verdict = std::move(judged);
      if (verdict.allowed) break;
    }
  }
  verdict.rule = ask.workload;
  return verdict;
}

Verdict Policy::decide(const Peer& peer, const Ask& ask) const {
  const Match found = match(peer);
  if (!found.workload) return deny_match(found);
  Ask named = ask;
  named.workload = found.workload->name;
  return decide(named);
}

Verdict Policy::may_open(const Peer& peer, SessionKind kind, const std::string& issuer,
                         const std::optional<std::string>& subject) const {
  const Match found = match(peer);
  if (!found.workload) return deny_match(found);
  const WorkloadConfig& workload = *found.workload;
  Verdict verdict{.allowed = true,
                  .rule = workload.name,
                  .reason = Reason::allowed,
                  .text = "allowed by [workload." + workload.name + "]"};
  std::string refusal;
  if (kind == SessionKind::token && !workload.issuers.contains(issuer)) {
    refusal = "tokens of \"" + issuer + "\" do not open its sessions";
  } else if (kind == SessionKind::asserted && !contains(workload.asserts, issuer)) {
    refusal = "it may not name users of \"" + issuer + "\" itself";
  } else if (kind == SessionKind::unix_user && !workload.unix_user) {
    refusal = "it may not act for users of this host";
  } else if (kind == SessionKind::unix_user && !of_this_host(peer)) {
    refusal =
        "the caller is in a container or another user namespace: its uid is no user of this host";
  } else if (kind != SessionKind::workload &&
             !among_users(workload, kind == SessionKind::unix_user ? "unix" : issuer, subject)) {
    refusal = "its users do not name this one";
  }
  if (refusal.empty() && !scope_of(workload, peer).empty()) return verdict;
  verdict = refusal.empty()
                ? deny(Reason::scope_unavailable, "the caller is in no such session_scope")
                : deny(Reason::user_not_allowed, refusal);
  verdict.rule = workload.name;
  return verdict;
}

Verdict Policy::may_prove(const Peer& peer) const {
  const Match found = match(peer);
  if (!found.ambiguous.empty()) return deny_match(found);
  std::string refusal;
  if (!of_this_host(peer)) {
    refusal =
        "the caller is in a container or another user namespace: its uid is no user of this host";
  } else if (peer.uid == 0) {
    refusal = "root signs in nowhere";
  } else if (found.workload && !found.workload->prove_user) {
    refusal = "the caller is a workload, which does not answer for its user (prove_user)";
  }
  Verdict verdict = deny(Reason::user_not_allowed, refusal);
  if (found.workload) verdict.rule = found.workload->name;
  if (!refusal.empty()) return verdict;
  verdict.allowed = true;
  verdict.reason = Reason::allowed;
  verdict.text = "allowed: its uid is a user of this host";
  return verdict;
}

}  // namespace reeve
