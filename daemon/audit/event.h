// Event: one audit record: who asked, for whom, for what, and what came of it. Strings only; never
// a secret.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace reeve {

// Who: fixed for a connection, so it is rendered once (as JSON members) and kept.
struct AuditActor {
  std::string workload;                         // empty: none matched, or not an agent
  std::map<std::string, std::string> evidence;  // of the peer
  std::string socket;                           // "agent", "bind", "admin"
};

struct Event {
  // What happened: "token.lent", "session.opened", "consent.started", "flow.refused", ...
  std::string_view name;
  std::string_view actor;  // from render_actor(); empty: reeved itself
  // For whom; the workload where the actor is not an agent that has one.
  std::string_view issuer, subject, workload;
  // What. account: as the provider identifies it, not as it is shown.
  std::string_view provider, resource, consent, grant, account, session;
  const std::vector<std::string>* scopes = nullptr;
  std::string_view token_hash;  // keyed, base64url
  // Who came in a browser where that matters: its record's id, and who is signed in there, who need
  // not be for whom it is.
  std::string_view browser, visitor_issuer, visitor_subject;
  // A JSON object: what a person was shown and how it was proven who that was (consent_receipt.h).
  std::string_view receipt;
  // What came of it: "ok", "denied", "refused", "failed"; the rule of the policy; a stable word or
  // a sentence.
  std::string_view outcome, rule, reason;
};

// JSON members "workload", "socket", "peer", without braces.
std::string render_actor(const AuditActor& actor);
// A JSON object without its closing brace: chain.h ends the line.
std::string render_event(const Event& event, int64_t unix_seconds, uint64_t sequence);

}  // namespace reeve
