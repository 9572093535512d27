// The second part of Grants: how they come into memory.
#include <algorithm>

#include "base/log.h"
#include "session/grant_record.h"

namespace reeve {
namespace {

constexpr int kReadings = 5;   // of grants that change while they are read
constexpr size_t kSome = 128;  // at a time, of a walk

}  // namespace

Labels Grants::labels_of(const Grant& grant) const {
  Labels labels = {id_label(grant.id), owner_label(grant.user, grant.context, grant.holder),
                   user_label(grant.user)};
  if (grant.dead) labels.push_back(dead_mark_);
  return labels;
}

Result<void> Grants::load() {
  REEVE_CHECK(vault_.label_all(Kind::grant, [this](const Secret& plain) -> Result<Labels> {
    REEVE_TRY(const GrantOfRecord read, read_grant(plain));
    return labels_of(read.grant);
  }));
  return vault_.label_all(Kind::access_token, [this](const Secret& plain) -> Result<Labels> {
    REEVE_TRY(const TokenOfRecord read, read_token(plain));
    return Labels{id_label(read.grant)};
  });
}

bool Grants::exists(std::string_view id) const {
  return by_id(id) != nullptr || !missing(vault_.labelled(Kind::grant, id_label(id))).empty();
}

std::vector<RecordId> Grants::missing(const std::vector<RecordId>& records) const {
  std::vector<RecordId> missing;
  for (const RecordId& record : records) {
    if (!by_record_.contains(record) && !going_.contains(record)) missing.push_back(record);
  }
  return missing;
}

bool Grants::here(const User& user, std::string_view context, std::string_view holder) const {
  return missing(vault_.labelled(Kind::grant, owner_label(user, context, holder))).empty();
}

Task<Result<void>> Grants::bring_owner(User user, std::string context, std::string holder) {
  return bring_records(vault_.labelled(Kind::grant, owner_label(user, context, holder)), true);
}

Task<Result<void>> Grants::bring_user(User user, bool fenced) {
  return bring_records(vault_.labelled(Kind::grant, user_label(user)), fenced);
}

Task<Result<void>> Grants::bring(std::string id) {
  return bring_records(vault_.labelled(Kind::grant, id_label(id)), false);
}

Grants::Fence Grants::fence(std::function<bool(const Grant&)> fits) {
  auto fence = std::make_shared<std::function<bool(const Grant&)>>(std::move(fits));
  fences_.push_back(fence);
  return fence;
}

bool Grants::fenced(const Grant& grant) const {
  std::erase_if(fences_, [](const auto& fence) { return fence.expired(); });
  return std::any_of(fences_.begin(), fences_.end(), [&](const auto& held) {
    const Fence fence = held.lock();
    return fence && (*fence)(grant);
  });
}

Task<Result<void>> Grants::bring_records(std::vector<RecordId> records, bool fenced) {
  for (int reading = 0; reading < kReadings; ++reading) {
    std::vector<RecordId> wanted = missing(records);
    if (wanted.empty()) co_return Result<void>();
    auto reads = co_await read(wanted);
    if (!reads && wanted.size() == 1) co_return std::move(reads).error();
    if (!reads) {
      // One of them is damaged; the others are brought all the same.
      Result<void> all;
      for (const RecordId& record : wanted) {
        std::vector<RecordId> one = {record};
        Result<void> brought = co_await bring_records(std::move(one), fenced);
        if (!brought) all = std::move(brought);
      }
      co_return all;
    }
    for (Read& one : *reads) {
      // Somebody else may have brought it meanwhile, and changed it, or erased it.
      if (missing({one.record}).empty() || !still(one)) continue;
      if (fenced && this->fenced(*one.grant))
        co_return Error{Code::unavailable, "grants are being revoked"};
      if (on_read_) on_read_(*one.grant, true);
      insert(std::move(one.grant));
    }
    // What is gone is not wanted any more; what changed is read again.
    std::erase_if(records, [&](const RecordId& id) { return !vault_.generation(Kind::grant, id); });
  }
  if (missing(records).empty()) co_return Result<void>();
  co_return Error{Code::unavailable, "grants change faster than they can be read"};
}

// Whether the vault has it as it was read.
bool Grants::still(const Read& read) const {
  if (vault_.generation(Kind::grant, read.record) != read.generation) return false;
  const auto same = [this](const auto& token) {
    return vault_.generation(Kind::access_token, token.first) == token.second;
  };
  return std::all_of(read.tokens.begin(), read.tokens.end(), same) &&
         vault_.labelled(Kind::access_token, id_label(read.grant->id)).size() == read.tokens.size();
}

Task<Result<std::vector<Grants::Read>>> Grants::read(std::vector<RecordId> records) {
  CO_TRY(const Vault::Records found, co_await vault_.read(Kind::grant, records));
  std::vector<Read> reads;
  for (size_t at = 0; at < records.size(); ++at) {
    if (!found[at]) continue;
    CO_TRY(GrantOfRecord read, read_grant(found[at]->plain));
    auto grant = std::make_shared<Grant>(std::move(read.grant));
    // A record is its owner's by its name; one under another's name would be somebody else's.
    if (record_id(*grant) != records[at])
      co_return Error{Code::corrupt, "a grant lies under another one's name"};
    if (!read.refresh_token.empty()) grant->refresh_token = seal_.seal(read.refresh_token.reveal());
    reads.push_back({std::move(grant), records[at], found[at]->generation, {}});
  }
  CO_CHECK(co_await read_tokens(reads));
  co_return reads;
}

Task<Result<void>> Grants::read_tokens(std::vector<Read>& reads) {
  std::vector<RecordId> wanted;
  std::vector<Read*> whose;
  for (Read& read : reads) {
    for (const RecordId& id : vault_.labelled(Kind::access_token, id_label(read.grant->id))) {
      wanted.push_back(id);
      whose.push_back(&read);
    }
  }
  if (wanted.empty()) co_return Result<void>();
  CO_TRY(const Vault::Records found, co_await vault_.read(Kind::access_token, wanted));
  for (size_t at = 0; at < wanted.size(); ++at) {
    if (!found[at]) continue;
    CO_TRY(TokenOfRecord read, read_token(found[at]->plain));
    Grant& grant = *whose[at]->grant;
    whose[at]->tokens.emplace_back(wanted[at], found[at]->generation);
    if (read.grant != grant.id) continue;
    AccessToken token = seal_token(grant, read.token);
    token.id = read.id;
    grant.tokens.push_back(std::move(token));
  }
  co_return Result<void>();
}

Task<Result<Grants::Names>> Grants::erase_damaged(User user) {
  return erase_damaged_of(vault_.labelled(Kind::grant, user_label(user)));
}

Task<Result<Grants::Names>> Grants::erase_damaged(std::string id) {
  return erase_damaged_of(vault_.labelled(Kind::grant, id_label(id)));
}

// Their tokens are found by the label that they share.
Task<Result<Grants::Names>> Grants::erase_damaged_of(std::vector<RecordId> records) {
  Names names;
  std::vector<Change> changes;
  const std::vector<RecordId> unread = missing(records);
  for (const RecordId& record : unread) {
    const auto generation = vault_.generation(Kind::grant, record);
    std::vector<RecordId> one = {record};
    const auto readable = co_await read(std::move(one));
    if (readable || readable.error().code != Code::corrupt) continue;
    names.push_back(row_name({Kind::grant, record}));
    changes.push_back({Kind::grant, record, std::nullopt, generation});
    for (const Label& label : vault_.labels(Kind::grant, record)) {
      for (const RecordId& token : vault_.labelled(Kind::access_token, label))
        changes.push_back({Kind::access_token, token, std::nullopt, std::nullopt});
    }
  }
  if (changes.empty()) co_return names;
  CO_CHECK(co_await vault_.commit(std::move(changes)));
  co_return names;
}

Task<std::vector<GrantRef>> Grants::some(Walk& walk) {
  const std::vector<RecordId> records = vault_.ids_after(Kind::grant, walk.after, kSome);
  walk.over = records.empty();
  if (walk.over) co_return std::vector<GrantRef>();
  walk.after = records.back();
  std::vector<GrantRef> list;
  for (const RecordId& record : records) {
    if (const auto found = by_record_.find(record); found != by_record_.end())
      list.push_back(found->second);
  }
  auto reads = co_await read(missing(records));
  if (reads) {
    for (Read& one : *reads) list.push_back(std::move(one.grant));
  } else {
    // One of them is damaged: which?
    const std::vector<RecordId> singly = missing(records);
    for (const RecordId& record : singly) {
      std::vector<RecordId> one = {record};
      auto read_one = co_await read(std::move(one));
      if (!read_one) {
        ++walk.damaged;
        log(Level::error, read_one.error().text);
      } else if (!read_one->empty()) {
        list.push_back(std::move(read_one->front().grant));
      }
    }
  }
  for (const GrantRef& grant : list) {
    if (on_read_ && by_id(grant->id) != grant) on_read_(*grant, false);
  }
  co_return list;
}

}  // namespace reeve
