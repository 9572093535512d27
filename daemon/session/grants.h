// Grants: what users delegated at providers, and the access tokens that came of it.
//
// A grant's key is (user, context, account, holder); the holder is the workload or its share group.
// The refresh token and the access tokens lie sealed, in the vault and in memory; whoever needs one
// unseals it for that one use. The policy is not asked here.
#pragma once

#include <map>
#include <memory>
#include <tuple>
#include <unordered_map>

#include "crypto/memory_seal.h"
#include "session/user.h"
#include "vault/vault.h"

namespace reeve {

struct AccessToken {
  std::string id;
  std::string resource;              // RFC 8707; empty: none was asked for
  std::vector<std::string> scopes;   // asked for, sorted
  std::vector<std::string> carried;  // what the answer says it has, sorted
  std::string token_type;
  Sealed value;
  std::string hash;  // keyed, for the audit
  int64_t issued_at = 0;
  std::optional<int64_t> expires_at;
};

// Who was lent a token of a grant: for the case that it leaks.
struct TokenHolder {
  std::string workload, session;  // the session's public id
  int64_t at = 0;                 // the last time
};

struct Grant {
  std::string id;  // public; of new_grant_id()
  User user;
  std::string context;
  std::string provider;  // its name in the configuration when the grant was made
  std::string account_id, account_label;
  std::string holder;    // "workload:NAME" or "share:GROUP"
  std::string workload;  // which asked for it
  std::string issuer;    // of the token endpoint: its issuer, or the endpoint itself
  std::string client_id;
  std::vector<std::string> requested, granted, declined;  // sorted
  std::vector<std::string> resources;
  Sealed refresh_token;  // empty: none
  bool dead = false;     // latched: the user must consent again
  std::string dead_reason;
  // How and when the user signed in at the provider, as its ID token says; empty: it says nothing.
  std::string acr;
  std::optional<int64_t> auth_time;
  int64_t created_at = 0, used_at = 0;
  std::string used_by;  // the workload that used it last
  std::vector<AccessToken> tokens;
  std::vector<TokenHolder> holders;  // the last few, the latest first; since the start only
  // Counts disconnects, newer consents and refreshes: what was begun under another number must not
  // be kept.
  uint64_t generation = 0;
};
using GrantRef = std::shared_ptr<Grant>;

std::string new_grant_id();
// Puts that holder first.
void note_holder(Grant& grant, const TokenHolder& holder);

// The answer of a token endpoint, as a grant takes it.
struct NewToken {
  std::string resource;
  std::vector<std::string> scopes, carried;
  std::string token_type;
  Secret value;
  int64_t issued_at = 0;
  std::optional<int64_t> expires_at;
};

class Grants final {
 public:
  Grants(Vault& vault, MemorySeal& seal);

  Result<void> load();

  // Those of a user for a holder at a context, newest first.
  std::vector<GrantRef> find(const User& user, std::string_view context,
                             std::string_view holder) const;
  GrantRef by_id(std::string_view id) const;
  std::vector<GrantRef> all() const;
  size_t size() const { return by_id_.size(); }
  // Another number whenever a grant or token was added, changed or removed.
  uint64_t version() const { return version_; }

  // Makes a grant durable, with its first tokens, and names it if it has no id; replaces one of the
  // same key, whose tokens go with it.
  Task<Result<GrantRef>> put(Grant grant, std::optional<Secret> refresh_token,
                             std::vector<NewToken> tokens);
  // Makes the result of a refresh durable: the new token in place of its predecessor, the new
  // refresh token if there is one; `also` is of the same transaction. Code::conflict: the grant
  // changed since `generation`; nothing is kept. Any other error: the grant is as it was.
  struct Refreshed {
    NewToken token;
    std::optional<Secret> refresh_token;
    std::vector<Change> also;
  };
  Task<Result<void>> refreshed(GrantRef grant, uint64_t generation, Refreshed refreshed);
  // Latches the grant: it has no tokens any more, and the user must consent again.
  Task<Result<void>> kill(GrantRef grant, std::string reason, std::vector<Change> also = {});
  // Whether the vault has another refresh token for this grant than memory; that one is taken.
  Result<bool> reload(const GrantRef& grant);
  Task<Result<void>> drop_token(GrantRef grant, std::string token_id);
  // Erases the grant and its tokens; in memory at once, and back there if it cannot be written.
  // `also` is of the same transaction.
  Task<Result<void>> erase(GrantRef grant, std::vector<Change> also = {});

  Secret reveal(const Sealed& sealed) const { return seal_.unseal(sealed); }
  void reveal_into(const Sealed& sealed, std::string& scratch) const {
    seal_.unseal_into(sealed, scratch);
  }

 private:
  using Index = std::tuple<std::string, std::string, std::string, std::string>;
  static Index index_of(const Grant& grant);
  RecordId record_id(const Grant& grant) const;
  RecordId token_record_id(const Grant& grant, const AccessToken& token) const;
  Result<void> load_token(Record record);
  AccessToken seal_token(const Grant& grant, const NewToken& token);
  void insert(GrantRef grant);
  void remove(const GrantRef& grant);

  Vault& vault_;
  MemorySeal& seal_;
  Key token_hash_key_;
  uint64_t version_ = 0;
  std::unordered_map<std::string, GrantRef> by_id_;
  std::multimap<Index, GrantRef> by_owner_;
};

}  // namespace reeve
