// lender_refresh: what lender.cc, lender_refresh.cc and lender_settle.cc, the parts of Lender,
// share; nobody else's.
#pragma once

#include "session/lender.h"

namespace reeve {

// What the policy is asked for a session.
inline Ask policy_ask(const LendAsk& ask, std::optional<std::vector<std::string>> scopes) {
  const Session& session = *ask.session;
  Ask asked{session.workload,  std::nullopt, ask.provider,
            std::move(scopes), ask.resource, std::nullopt};
  if (session.user) {
    asked.user = session.issuer;
    asked.subject = policy_subject(*session.user);
  }
  return asked;
}

// A refresh under way: what it asks for, who waits for it, and how it failed.
struct Lender::Refresh {
  std::vector<std::string> scopes;
  std::string resource;
  uint64_t generation = 0;  // of the grant when it began
  bool recalls = false;     // an intent was open: its exchange may have been begun
  std::vector<Resolver<>> waiting;
  std::optional<LendFailure> failure;
};

// A grant's last refresh failed: until when none is made of our own accord; none at all where the
// provider said how long to wait.
struct Lender::Pause {
  int64_t begun = 0, until = 0;  // boot milliseconds
  LendFailure failure;
};

}  // namespace reeve
