// Grants: what users delegated at providers, and the access tokens that came of it.
//
// A grant's key is (user, context, account, holder); the holder is the workload or its share group.
// The refresh token and the access tokens lie sealed, in the vault and in memory; whoever needs one
// unseals it for that one use. The policy is not asked here.
//
// There may be a million of them: memory has those that were used since the start, all others are
// brought there when they are asked for (bring), by labels that the vault knows them by: their id,
// their owner (user, context, holder), their user. What is not brought is not found; what is found
// stays, so a look at all of them (some) brings none.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <set>
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

  // At the start: what an older reeve wrote gets its labels.
  Result<void> load();

  // Brings into memory what the vault has of an owner, of a user, under an id. An error: something
  // of it is damaged, or the store cannot be read; nothing of it is to be lent then.
  Task<Result<void>> bring_owner(User user, std::string context, std::string holder);
  Task<Result<void>> bring_user(User user, bool fenced = true);
  Task<Result<void>> bring(std::string id);
  // Erases those of a user's, or under an id, that are damaged, with their tokens; their records'
  // names. Nobody can revoke them at the provider any more.
  using Names = std::vector<std::string>;
  Task<Result<Names>> erase_damaged(User user);
  Task<Result<Names>> erase_damaged(std::string id);
  // Whether all of that owner's are in memory.
  bool here(const User& user, std::string_view context, std::string_view holder) const;

  // Of those in memory: an owner's, newest first; a user's; one; all.
  std::vector<GrantRef> find(const User& user, std::string_view context,
                             std::string_view holder) const;
  std::vector<GrantRef> of_user(const User& user) const;
  GrantRef by_id(std::string_view id) const;
  std::vector<GrantRef> loaded() const;
  // Whether there is one of that id, in memory or not; how many there are, and how many are dead.
  bool exists(std::string_view id) const;
  size_t size() const { return vault_.count(Kind::grant); }
  size_t dead() const { return vault_.count(Kind::grant, dead_mark_); }

  // While it lives no grant that fits is brought by its owner or user; that fails instead: for
  // those that are about to be erased, and not known yet.
  using Fence = std::shared_ptr<std::function<bool(const Grant&)>>;
  Fence fence(std::function<bool(const Grant&)> fits);

  // For a look at every grant: some of them, from where the walk stands, until it is over. What is
  // not in memory is read for it and not kept: such a grant must be brought by its id before
  // anything is done with it. Damaged ones are logged, counted and left out.
  struct Walk {
    std::optional<RecordId> after;
    bool over = false;
    size_t damaged = 0;
  };
  Task<std::vector<GrantRef>> some(Walk& walk);
  // Told of each grant that was read from the vault, and whether it stays in memory.
  void on_read(std::function<void(Grant&, bool stays)> told) { on_read_ = std::move(told); }

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
  Task<Result<bool>> reload(GrantRef grant);
  Task<Result<void>> drop_token(GrantRef grant, std::string token_id);
  // Erases the grant and its tokens; in memory at once, and back there if it cannot be written.
  // `also` is of the same transaction.
  Task<Result<void>> erase(GrantRef grant, std::vector<Change> also = {});

  // The records as they are written.
  Change grant_change(const Grant& grant, std::string_view refresh_token) const;
  Change token_change(const Grant& grant, const AccessToken& token, std::string_view value) const;

  Secret reveal(const Sealed& sealed) const { return seal_.unseal(sealed); }
  void reveal_into(const Sealed& sealed, std::string& scratch) const {
    seal_.unseal_into(sealed, scratch);
  }

 private:
  using Index = std::tuple<std::string, std::string, std::string, std::string>;
  static Index index_of(const Grant& grant);
  RecordId record_id(const Grant& grant) const;
  RecordId token_record_id(const Grant& grant, const AccessToken& token) const;
  // A grant's and its tokens'.
  Label id_label(std::string_view id) const { return vault_.label({"grant", id}); }
  Label user_label(const User& user) const;
  Label owner_label(const User& user, std::string_view context, std::string_view holder) const;
  Labels labels_of(const Grant& grant) const;
  Change token_erasure(const Grant& grant, const AccessToken& token) const;

  // A grant as the vault has it, and what it was read from.
  struct Read {
    GrantRef grant;
    RecordId record;
    uint64_t generation = 0;
    std::vector<std::pair<RecordId, uint64_t>> tokens;
  };
  Task<Result<std::vector<Read>>> read(std::vector<RecordId> records);
  Task<Result<void>> read_tokens(std::vector<Read>& reads);
  Task<Result<void>> bring_records(std::vector<RecordId> records, bool fenced);
  Task<Result<Names>> erase_damaged_of(std::vector<RecordId> records);
  bool fenced(const Grant& grant) const;
  std::vector<RecordId> missing(const std::vector<RecordId>& records) const;
  bool still(const Read& read) const;
  AccessToken seal_token(const Grant& grant, const NewToken& token);
  void insert(GrantRef grant);
  void remove(const GrantRef& grant);

  Vault& vault_;
  MemorySeal& seal_;
  Key token_hash_key_;
  const Label dead_mark_;
  std::function<void(Grant&, bool)> on_read_;
  uint64_t version_ = 0;
  std::unordered_map<std::string, GrantRef> by_id_;
  std::map<RecordId, GrantRef> by_record_;
  // Records that are being erased: nobody brings them back meanwhile.
  std::multiset<RecordId> going_;
  mutable std::vector<std::weak_ptr<std::function<bool(const Grant&)>>> fences_;
  std::multimap<Index, GrantRef> by_owner_;
};

}  // namespace reeve
