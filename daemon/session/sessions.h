// Sessions: this workload, in this peer scope, acts for this user until then.
//
// The handle is a random secret the agent holds; here only its hash is known. A handle works only
// from the peer scope and for the workload it was opened in: foreign, unknown, expired and ended
// ones look the same. Sessions are vault records and survive a restart.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <unordered_map>

#include "session/leftovers.h"
#include "session/lifetime.h"
#include "session/user.h"
#include "vault/vault.h"

namespace reeve {

struct LendMemo;

struct Session {
  std::string id;  // public, for the operator
  std::string handle_hash;
  std::string workload;
  std::string scope;  // Peer::scope
  std::optional<User> user;
  std::string issuer;  // the issuer's name in the configuration, "unix", or empty without a user
  int64_t opened_at = 0, expires_at = 0;  // Unix seconds, for people
  Lifetime lifetime;
  bool ended = false;  // closed or killed while somebody still holds it
  // The lender's, by provider: what was lent last, so that the next call need not look for it.
  std::map<std::string, std::shared_ptr<const LendMemo>, std::less<>> memos;
};
using SessionRef = std::shared_ptr<Session>;

struct SessionLimits {
  size_t all = 8192;
  size_t per_workload = 1024;
};

struct NewSession {
  std::string workload, scope, issuer;
  std::optional<User> user;
  int64_t lifetime_seconds = 0;
  size_t of_workload = SIZE_MAX;  // the workload's own limit of sessions
};

struct OpenedSession {
  Secret handle;
  SessionRef session;
};

class Sessions final {
 public:
  Sessions(Vault& vault, const Clock& clock, std::string boot)
      : vault_(vault), clock_(clock), boot_(std::move(boot)) {}

  // What the vault holds; at start.
  Result<void> load();
  void set_limits(SessionLimits limits) { limits_ = limits; }
  // Called for each session that ends, with a word for watchers ("closed", "killed", "expired").
  void on_end(std::function<void(const Session&)> function) { on_end_ = std::move(function); }

  // Code::limit with the limit's name, after what is expired was purged.
  Task<Result<OpenedSession>> open(NewSession wanted);
  // The live session of that handle in that scope and workload, or null.
  SessionRef find(std::string_view handle, std::string_view scope, std::string_view workload) const;
  // The live session of that handle's hash, whoever asks: for what points to it. Or null.
  SessionRef by_handle_hash(const std::string& hash) const;
  // By public id, or null.
  SessionRef by_id(std::string_view id) const;
  bool live(const Session& session) const;

  // Ends all that the predicate names; they end in memory at once, in the vault before it returns.
  Task<Result<size_t>> end(std::function<bool(const Session&)> predicate);
  Task<Result<void>> close(SessionRef session);

  // Forgets what is over; the changes are for the vault, with those that failed to be written
  // before.
  std::vector<Change> purge();

  std::vector<SessionRef> all() const;
  size_t size() const { return by_hash_.size(); }
  const std::string& boot() const { return boot_; }

 private:
  void forget(const SessionRef& session);
  RecordId record_id(const Session& session) const;

  Vault& vault_;
  const Clock& clock_;
  const std::string boot_;
  SessionLimits limits_;
  std::function<void(const Session&)> on_end_;
  std::unordered_map<std::string, SessionRef> by_hash_;
  Leftovers leftovers_{vault_, Kind::session};
  std::map<std::string, size_t> per_workload_;
};

}  // namespace reeve
