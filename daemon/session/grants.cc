#include "session/grants.h"

#include <algorithm>
#include <tuple>

#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/kdf.h"
#include "crypto/random.h"
#include "session/grant_record.h"

namespace reeve {

std::string new_grant_id() { return hex(random_bytes(12)); }

void note_holder(Grant& grant, const TokenHolder& holder) {
  constexpr size_t most = 4;
  auto& list = grant.holders;
  if (!list.empty() && list.front().session == holder.session) {
    list.front().at = holder.at;
    return;
  }
  std::erase_if(list, [&](const TokenHolder& old) { return old.session == holder.session; });
  list.insert(list.begin(), holder);
  if (list.size() > most) list.pop_back();
}

Grants::Grants(Vault& vault, MemorySeal& seal)
    : vault_(vault),
      seal_(seal),
      token_hash_key_(
          derive(*Key::from_bytes(vault.id(Kind::setting, {"token hash"}).view()), "token-hash")),
      dead_mark_(vault.mark("dead grant")) {}

Grants::Index Grants::index_of(const Grant& grant) {
  return {grant.user.issuer, grant.user.subject, grant.context, grant.holder};
}

RecordId Grants::record_id(const Grant& grant) const {
  return vault_.id(Kind::grant, {grant.user.issuer, grant.user.subject, grant.context,
                                 grant.account_id, grant.holder});
}

RecordId Grants::token_record_id(const Grant& grant, const AccessToken& token) const {
  std::string scopes;
  for (const std::string& scope : token.scopes) scopes += scope + ' ';
  return vault_.id(Kind::access_token, {grant.id, token.resource, scopes});
}

Label Grants::user_label(const User& user) const {
  return vault_.label({"grants of user", user.issuer, user.subject});
}

Label Grants::owner_label(const User& user, std::string_view context,
                          std::string_view holder) const {
  return vault_.label({"grants of owner", user.issuer, user.subject, context, holder});
}

Change Grants::grant_change(const Grant& grant, std::string_view refresh_token) const {
  Change change{Kind::grant, record_id(grant), write_grant(grant, refresh_token), std::nullopt};
  change.labels = labels_of(grant);
  return change;
}

Change Grants::token_change(const Grant& grant, const AccessToken& token,
                            std::string_view value) const {
  Change change{Kind::access_token, token_record_id(grant, token),
                write_token(grant.id, token, value), std::nullopt};
  change.labels = {id_label(grant.id)};
  return change;
}

Change Grants::token_erasure(const Grant& grant, const AccessToken& token) const {
  return {Kind::access_token, token_record_id(grant, token), std::nullopt, std::nullopt};
}

AccessToken Grants::seal_token(const Grant&, const NewToken& token) {
  AccessToken sealed;
  sealed.id = hex(random_bytes(8));
  sealed.resource = token.resource;
  sealed.scopes = token.scopes;
  sealed.carried = token.carried;
  std::sort(sealed.scopes.begin(), sealed.scopes.end());
  std::sort(sealed.carried.begin(), sealed.carried.end());
  sealed.token_type = token.token_type;
  sealed.value = seal_.seal(token.value.reveal());
  sealed.hash = base64url(keyed_hash(token_hash_key_, token.value.reveal()).substr(0, 16));
  sealed.issued_at = token.issued_at;
  sealed.expires_at = token.expires_at;
  return sealed;
}

// What was only brought changes nothing that was found before: the version stays.
void Grants::insert(GrantRef grant) {
  by_owner_.emplace(index_of(*grant), grant);
  by_record_[record_id(*grant)] = grant;
  by_id_[grant->id] = std::move(grant);
}

void Grants::remove(const GrantRef& grant) {
  ++version_;
  by_id_.erase(grant->id);
  const auto here = by_record_.find(record_id(*grant));
  if (here != by_record_.end() && here->second == grant) by_record_.erase(here);
  const auto [first, last] = by_owner_.equal_range(index_of(*grant));
  const auto found =
      std::find_if(first, last, [&](const auto& entry) { return entry.second == grant; });
  if (found != last) by_owner_.erase(found);
  ++grant->generation;
}

std::vector<GrantRef> Grants::find(const User& user, std::string_view context,
                                   std::string_view holder) const {
  std::vector<GrantRef> list;
  const auto [first, last] =
      by_owner_.equal_range({user.issuer, user.subject, std::string(context), std::string(holder)});
  for (auto entry = first; entry != last; ++entry) list.push_back(entry->second);
  std::stable_sort(list.begin(), list.end(), [](const GrantRef& a, const GrantRef& b) {
    return a->created_at > b->created_at;
  });
  return list;
}

GrantRef Grants::by_id(std::string_view id) const {
  const auto found = by_id_.find(std::string(id));
  return found == by_id_.end() ? nullptr : found->second;
}

std::vector<GrantRef> Grants::of_user(const User& user) const {
  std::vector<GrantRef> list;
  for (auto entry = by_owner_.lower_bound({user.issuer, user.subject, "", ""});
       entry != by_owner_.end() && entry->second->user.is(user); ++entry) {
    list.push_back(entry->second);
  }
  return list;
}

std::vector<GrantRef> Grants::loaded() const {
  std::vector<GrantRef> list;
  for (const auto& [id, grant] : by_id_) list.push_back(grant);
  return list;
}

Task<Result<GrantRef>> Grants::put(Grant grant, std::optional<Secret> refresh_token,
                                   std::vector<NewToken> tokens) {
  auto fresh = std::make_shared<Grant>(std::move(grant));
  // The one it replaces is to be known.
  CO_CHECK(co_await bring_owner(fresh->user, fresh->context, fresh->holder));
  if (fresh->id.empty()) fresh->id = new_grant_id();
  if (refresh_token) fresh->refresh_token = seal_.seal(refresh_token->reveal());
  std::vector<Change> changes;
  std::vector<std::pair<GrantRef, uint64_t>> replaced;
  for (const GrantRef& old : find(fresh->user, fresh->context, fresh->holder)) {
    if (old->account_id != fresh->account_id) continue;
    // A refresh of it that is under way must not be kept.
    replaced.emplace_back(old, ++old->generation);
    for (const AccessToken& token : old->tokens) changes.push_back(token_erasure(*old, token));
  }
  changes.push_back(grant_change(*fresh, refresh_token ? refresh_token->reveal() : ""));
  for (const NewToken& token : tokens) {
    fresh->tokens.push_back(seal_token(*fresh, token));
    changes.push_back(token_change(*fresh, fresh->tokens.back(), token.value.reveal()));
  }
  const auto committed = co_await vault_.commit(std::move(changes));
  if (!committed) co_return in("the grant could not be kept", committed.error());
  bool overwritten = false;
  for (const auto& [old, generation] : replaced) {
    overwritten = overwritten || old->generation != generation;
  }
  for (const GrantRef& old : find(fresh->user, fresh->context, fresh->holder)) {
    if (old->account_id == fresh->account_id) remove(old);
  }
  insert(fresh);
  ++version_;
  if (overwritten) {
    // It was disconnected or killed while this one was written, under the same record id.
    std::vector<Change> again;
    again.push_back(grant_change(*fresh, refresh_token ? refresh_token->reveal() : ""));
    CO_CHECK(co_await vault_.commit(std::move(again)));
  }
  co_return fresh;
}

Task<Result<void>> Grants::refreshed(GrantRef grant, uint64_t generation, Refreshed refreshed) {
  if (grant->generation != generation || by_id(grant->id) != grant)
    co_return Error{Code::conflict, "the grant changed meanwhile"};
  AccessToken sealed = seal_token(*grant, refreshed.token);
  std::vector<Change> changes = std::move(refreshed.also);
  changes.push_back(token_change(*grant, sealed, refreshed.token.value.reveal()));
  if (refreshed.refresh_token)
    changes.push_back(grant_change(*grant, refreshed.refresh_token->reveal()));
  const auto committed = co_await vault_.commit(std::move(changes));
  if (!committed) co_return in("the refreshed token could not be kept", committed.error());
  if (grant->generation != generation) {
    // Whoever changed it did not know of this token's record.
    std::vector<Change> undo;
    undo.push_back(token_erasure(*grant, sealed));
    CO_CHECK(co_await vault_.commit(std::move(undo)));
    co_return Error{Code::conflict, "the grant changed meanwhile"};
  }
  if (refreshed.refresh_token) grant->refresh_token = seal_.seal(refreshed.refresh_token->reveal());
  std::erase_if(grant->tokens, [&](const AccessToken& old) {
    return old.resource == sealed.resource && old.scopes == sealed.scopes;
  });
  grant->tokens.push_back(std::move(sealed));
  ++version_;
  co_return Result<void>();
}

Task<Result<void>> Grants::kill(GrantRef grant, std::string reason, std::vector<Change> also) {
  std::vector<Change> changes = std::move(also);
  for (const AccessToken& token : grant->tokens) changes.push_back(token_erasure(*grant, token));
  grant->dead = true;
  grant->dead_reason = std::move(reason);
  grant->refresh_token = Sealed();
  grant->tokens.clear();
  ++grant->generation;
  ++version_;
  // Where it was replaced the record is its successor's.
  if (by_id(grant->id) == grant) changes.push_back(grant_change(*grant, ""));
  co_return co_await vault_.commit(std::move(changes));
}

Task<Result<bool>> Grants::reload(GrantRef grant) {
  std::vector<RecordId> wanted = {record_id(*grant)};
  CO_TRY(const Vault::Records records, co_await vault_.read(Kind::grant, std::move(wanted)));
  if (!records[0]) co_return false;
  CO_TRY(const GrantOfRecord read, read_grant(records[0]->plain));
  // It was killed meanwhile.
  if (grant->refresh_token.empty()) co_return false;
  const Secret known = seal_.unseal(grant->refresh_token);
  if (read.grant.id != grant->id || read.refresh_token.empty() ||
      known.equals(read.refresh_token.reveal()))
    co_return false;
  grant->refresh_token = seal_.seal(read.refresh_token.reveal());
  co_return true;
}

Task<Result<void>> Grants::drop_token(GrantRef grant, std::string token_id) {
  std::vector<Change> changes;
  std::erase_if(grant->tokens, [&](const AccessToken& token) {
    if (token.id != token_id) return false;
    changes.push_back(token_erasure(*grant, token));
    return true;
  });
  if (changes.empty()) co_return Error{Code::not_found, "token"};
  ++version_;
  co_return co_await vault_.commit(std::move(changes));
}

Task<Result<void>> Grants::erase(GrantRef grant, std::vector<Change> also) {
  // Erased before, or replaced: then the record is its successor's.
  if (by_id(grant->id) != grant) co_return Result<void>();
  std::vector<Change> changes = std::move(also);
  changes.push_back({Kind::grant, record_id(*grant), std::nullopt, std::nullopt});
  for (const AccessToken& token : grant->tokens) changes.push_back(token_erasure(*grant, token));
  remove(grant);
  const RecordId record = record_id(*grant);
  going_.insert(record);
  const bool was_dead = std::exchange(grant->dead, true);
  const std::string reason = std::exchange(grant->dead_reason, "disconnected");
  std::vector<AccessToken> tokens = std::exchange(grant->tokens, {});
  auto committed = co_await vault_.commit(std::move(changes));
  going_.erase(going_.find(record));
  if (committed) co_return committed;
  // It is still there after a restart; so it is here, and can be erased again, unless it was
  // replaced.
  for (const GrantRef& other : find(grant->user, grant->context, grant->holder)) {
    if (other->account_id == grant->account_id) co_return committed;
  }
  grant->dead = was_dead;
  grant->dead_reason = reason;
  grant->tokens = std::move(tokens);
  insert(grant);
  ++version_;
  co_return committed;
}

}  // namespace reeve
