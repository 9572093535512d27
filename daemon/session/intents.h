// Intents: refreshes that were begun, kept in the vault from before they are sent until what came
// of them is kept there too. So a restart knows which answers to ask reeve-fetch for.
//
// One at a time for a grant. It is erased in the transaction that keeps what came of it; whoever
// finds one open asks for the exchange of its id again, which sends nothing twice. One whose answer
// is lost stays until the grant was refreshed or latched, since the refresh token may be used up.
//
// The keys that answers are sealed to are of the vault, and the same after a restart.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "oauth/http_client.h"
#include "vault/vault.h"

namespace reeve {

struct Intent {
  std::string grant;    // its id
  std::string context;  // of the server it is sent to
  std::string id, epoch;
  std::vector<std::string> scopes;  // of the access token that is asked for, sorted
  std::string resource;
  int64_t begun_at = 0;
  bool lost = false;        // it may have been sent, and no answer will come
  bool after_loss = false;  // begun although the answer of the one before was lost
};
using IntentRef = std::shared_ptr<const Intent>;

class Intents final {
 public:
  explicit Intents(Vault& vault);

  Result<void> load();
  // The open one of that grant, or null.
  IntentRef of(const std::string& grant) const;
  std::vector<IntentRef> all() const;

  static std::string new_id();
  Hold hold(const std::string& id, const std::string& epoch) const { return {id, epoch, &keys_}; }

  // Makes it durable, in place of an earlier one of its grant.
  Task<Result<void>> put(Intent intent);
  // What erases it, for the transaction that keeps what came of it; forget() when that is durable.
  Change erasure(const std::string& grant) const;
  void forget(const std::string& grant) { open_.erase(grant); }
  Task<Result<void>> erase(std::string grant);

 private:
  RecordId record_id(const std::string& grant) const;

  Vault& vault_;
  const SealKeys keys_;
  std::map<std::string, IntentRef> open_;
};

}  // namespace reeve
