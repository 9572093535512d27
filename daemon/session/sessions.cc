#include "session/sessions.h"

#include "base/check.h"
#include "base/encoding.h"
#include "crypto/hash.h"
#include "crypto/random.h"

namespace reeve {
namespace {

Secret to_record(const Session& session) {
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .member("id", session.id)
      .member("handle_hash", hex(session.handle_hash))
      .member("workload", session.workload)
      .member("scope", session.scope)
      .member("issuer", session.issuer)
      .member("opened_at", session.opened_at)
      .member("expires_at", session.expires_at)
      .member("boot", session.lifetime.boot)
      .member("deadline", session.lifetime.deadline);
  if (session.user) {
    json.key("user");
    write_user(json, *session.user);
  }
  json.end_object();
  return Secret(std::move(text));
}

Result<SessionRef> from_record(const Record& record) {
  REEVE_TRY(const Json json, parse_json(record.plain.reveal()));
  auto session = std::make_shared<Session>();
  session->id = json.text("id");
  session->handle_hash = hex_decode(json.text("handle_hash")).value_or("");
  session->workload = json.text("workload");
  session->scope = json.text("scope");
  session->issuer = json.text("issuer");
  session->opened_at = json.integer("opened_at").value_or(0);
  session->expires_at = json.integer("expires_at").value_or(0);
  session->lifetime = {json.text("boot"), json.integer("deadline").value_or(0)};
  session->user = read_user(json.find("user"));
  if (session->handle_hash.size() != hash_bytes || session->id.empty()) {
    return Error{Code::corrupt, "a session's record"};
  }
  return session;
}

}  // namespace

RecordId Sessions::record_id(const Session& session) const {
  return vault_.id(Kind::session, {session.handle_hash});
}

Result<void> Sessions::load() {
  return vault_.for_each(Kind::session, [this](const RecordId&, Record record) -> Result<void> {
    REEVE_TRY(SessionRef session, from_record(record));
    ++per_workload_[session->workload];
    by_hash_[session->handle_hash] = std::move(session);
    return {};
  });
}

bool Sessions::live(const Session& session) const {
  return !session.ended && !session.lifetime.over(clock_, boot_);
}

SessionRef Sessions::find(std::string_view handle, std::string_view scope,
                          std::string_view workload) const {
  const auto found = by_hash_.find(sha256(handle));
  if (found == by_hash_.end()) return nullptr;
  const Session& session = *found->second;
  if (session.workload != workload || !live(session)) return nullptr;
  if (session.scope != scope && check_on(Check::session_scope)) return nullptr;
  return found->second;
}

SessionRef Sessions::by_handle_hash(const std::string& hash) const {
  const auto found = by_hash_.find(hash);
  return found == by_hash_.end() || !live(*found->second) ? nullptr : found->second;
}

SessionRef Sessions::by_id(std::string_view id) const {
  for (const auto& [hash, session] : by_hash_) {
    if (session->id == id) return session;
  }
  return nullptr;
}

void Sessions::forget(const SessionRef& session) {
  if (by_hash_.erase(session->handle_hash) == 0) return;
  session->ended = true;
  leftovers_.add(record_id(*session));
  const auto count = per_workload_.find(session->workload);
  if (count != per_workload_.end() && --count->second == 0) per_workload_.erase(count);
  if (on_end_) on_end_(*session);
}

std::vector<Change> Sessions::purge() {
  std::vector<SessionRef> gone;
  for (const auto& [hash, session] : by_hash_) {
    if (!live(*session)) gone.push_back(session);
  }
  for (const SessionRef& session : gone) forget(session);
  return leftovers_.erasures();
}

Task<Result<OpenedSession>> Sessions::open(NewSession wanted) {
  const auto crowded = [&]() -> const char* {
    const auto count = per_workload_.find(wanted.workload);
    const size_t most = std::min(limits_.per_workload, wanted.of_workload);
    if (count != per_workload_.end() && count->second >= most) return "sessions_per_workload";
    return by_hash_.size() >= limits_.all ? "sessions" : nullptr;
  };
  std::vector<Change> changes;
  if (crowded() != nullptr) changes = purge();
  if (const char* limit = crowded()) co_return Error{Code::limit, limit};

  Secret handle = random_token();
  auto session = std::make_shared<Session>();
  session->id = hex(random_bytes(8));
  session->handle_hash = sha256(handle.reveal());
  session->workload = wanted.workload;
  session->scope = wanted.scope;
  session->user = wanted.user;
  session->issuer = wanted.issuer;
  session->opened_at = clock_.unix_seconds();
  session->expires_at = session->opened_at + wanted.lifetime_seconds;
  session->lifetime = {boot_, clock_.boot_milliseconds() + wanted.lifetime_seconds * 1000};
  changes.push_back({Kind::session, record_id(*session), to_record(*session), 0});
  // Counted before it is durable, so that many at once keep the limit.
  ++per_workload_[session->workload];
  by_hash_[session->handle_hash] = session;
  const auto committed = co_await vault_.commit(std::move(changes));
  if (!committed) {
    forget(session);
    co_return in("the session could not be kept", committed.error());
  }
  co_return OpenedSession{std::move(handle), session};
}

Task<Result<size_t>> Sessions::end(std::function<bool(const Session&)> predicate) {
  std::vector<SessionRef> gone;
  for (const auto& [hash, session] : by_hash_) {
    if (predicate(*session)) gone.push_back(session);
  }
  for (const SessionRef& session : gone) forget(session);
  std::vector<Change> changes = leftovers_.erasures();
  if (!changes.empty()) {
    CO_CHECK(co_await vault_.commit(std::move(changes)));
  }
  co_return gone.size();
}

Task<Result<void>> Sessions::close(SessionRef session) {
  forget(session);
  std::vector<Change> changes = leftovers_.erasures();
  co_return co_await vault_.commit(std::move(changes));
}

std::vector<SessionRef> Sessions::all() const {
  std::vector<SessionRef> list;
  for (const auto& [hash, session] : by_hash_) {
    if (live(*session)) list.push_back(session);
  }
  return list;
}

}  // namespace reeve
