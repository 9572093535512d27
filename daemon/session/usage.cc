#include "session/usage.h"

#include <set>

#include "session/grant_record.h"

namespace reeve {
namespace {

constexpr int64_t kSeconds = 60;

Secret to_record(const Grant& grant) {
  std::string text;
  JsonWriter(text)
      .begin_object()
      .member("grant", grant.id)
      .member("used_at", grant.used_at)
      .member("used_by", grant.used_by)
      .end_object();
  return Secret(std::move(text));
}

}  // namespace

// Named as the grant's own record is, so that a later one of the same key takes its place.
RecordId Usage::record_id(const Grant& grant) const {
  return vault_.id(Kind::setting, {"grant used", grant.user.issuer, grant.user.subject,
                                   grant.context, grant.account_id, grant.holder});
}

void Usage::load() {
  for (const GrantRef& grant : grants_.loaded()) give(*grant, true);
  grants_.on_read([this](Grant& grant, bool stays) { give(grant, stays); });
}

void Usage::give(Grant& grant, bool stays) {
  const RecordId id = record_id(grant);
  const auto record = vault_.get(Kind::setting, id);
  if (!record || !*record) return;
  const auto json = parse_json((*record)->plain.reveal(), record_limits);
  // Of a grant that this one took the place of.
  if (!json || json->text("grant") != grant.id) return;
  const int64_t used_at = json->integer("used_at").value_or(0);
  if (used_at >= grant.used_at) {
    grant.used_at = used_at;
    grant.used_by = json->text("used_by");
  }
  if (stays) kept_[grant.id] = {id, used_at};
}

std::vector<Change> Usage::changes(int64_t unix_seconds) {
  std::vector<Change> changes;
  if (unix_seconds - looked_at_ < kSeconds && unix_seconds >= looked_at_) return changes;
  looked_at_ = unix_seconds;
  std::set<RecordId> written;
  for (const GrantRef& grant : grants_.loaded()) {
    if (grant->used_at == 0) continue;
    Kept& kept = kept_[grant->id];
    if (grant->used_at <= kept.used_at) continue;
    kept = {record_id(*grant), grant->used_at};
    written.insert(kept.record);
    changes.push_back({Kind::setting, kept.record, to_record(*grant), std::nullopt});
  }
  std::erase_if(kept_, [&](const auto& entry) {
    if (grants_.exists(entry.first)) return false;
    const RecordId& record = entry.second.record;
    if (!written.contains(record))
      changes.push_back({Kind::setting, record, std::nullopt, std::nullopt});
    return true;
  });
  return changes;
}

}  // namespace reeve
