#include "session/revocations.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/kill_point.h"
#include "base/log.h"
#include "crypto/random.h"
#include "session/grant_record.h"

namespace reeve {
namespace {

constexpr std::string_view kWhat = "revocation";
constexpr int64_t kFirstSeconds = 5;
constexpr int64_t kMostSeconds = 3'600;
constexpr int kMostDoublings = 10;
// A provider that was not to be reached for so long has forgotten the token itself, or is gone.
constexpr int64_t kGiveUpSeconds = int64_t{30} * 24 * 3'600;

Secret write_record(const Revocations::Open& open, const Doomed& doomed) {
  std::string text;
  JsonWriter json(text);
  json.begin_object()
      .member("what", kWhat)
      .member("id", open.id)
      .member("grant", doomed.grant)
      .member("context", doomed.context)
      .member("provider", doomed.provider)
      .member("workload", doomed.workload)
      .member("account", doomed.account)
      .key("user");
  write_user(json, doomed.user);
  json.member("begun_at", open.begun_at)
      .member("next_at", open.next_at)
      .member("tries", static_cast<int64_t>(open.tries))
      .member("reason", open.reason)
      .key("tokens")
      .begin_array();
  for (const DoomedToken& token : doomed.tokens) {
    json.begin_object()
        .member("value", token.value.reveal())
        .member("refresh_token", token.refresh_token)
        .member("expires_at", token.expires_at)
        .end_object();
  }
  json.end_array().end_object();
  return Secret(std::move(text));
}

struct RecordRead {
  Revocations::Open open;
  Doomed doomed;
};

Result<RecordRead> read_record(const Json& json) {
  RecordRead read;
  const auto user = read_user(json.find("user"));
  const Json* tokens = json.find("tokens");
  if (json.text("id").empty() || tokens == nullptr || tokens->array() == nullptr) {
    return Error{Code::corrupt, "a revocation's record"};
  }
  read.doomed = {json.text("grant"),
                 json.text("context"),
                 json.text("provider"),
                 json.text("workload"),
                 json.text("account"),
                 user.value_or(User()),
                 {}};
  for (const Json& token : *tokens->array()) {
    read.doomed.tokens.push_back({Secret::copy_of(token.text("value")),
                                  token.boolean("refresh_token").value_or(false),
                                  token.integer("expires_at")});
  }
  Revocations::Open& open = read.open;
  open.id = json.text("id");
  open.grant = read.doomed.grant;
  open.provider = read.doomed.provider;
  open.reason = json.text("reason");
  open.user = read.doomed.user;
  open.begun_at = json.integer("begun_at").value_or(0);
  open.next_at = json.integer("next_at").value_or(0);
  open.tries = static_cast<int>(json.integer("tries").value_or(0));
  return read;
}

}  // namespace

std::string_view word(Revocations::Said said) {
  switch (said) {
    case Revocations::Said::revoked: return "revoked";
    case Revocations::Said::no_endpoint: return "no_endpoint";
    case Revocations::Said::refused: return "refused";
    case Revocations::Said::pending: break;
  }
  return "pending";
}

RecordId Revocations::record_id(const std::string& id) const {
  return parts_.vault.id(Kind::intent, {kWhat, id});
}

Result<void> Revocations::load() {
  return parts_.vault.for_each(
      Kind::intent, [this](const RecordId&, Record record) -> Result<void> {
        REEVE_TRY(const Json json, parse_json(record.plain.reveal(), record_limits));
        if (json.text("what") != kWhat) return {};
        REEVE_TRY(RecordRead read, read_record(json));
        open_[read.open.id] = std::move(read.open);
        return {};
      });
}

Revocations::Prepared Revocations::prepare(const Doomed& doomed) const {
  Prepared prepared;
  prepared.id = hex(random_bytes(12));
  prepared.open.id = prepared.id;
  prepared.open.grant = doomed.grant;
  prepared.open.provider = doomed.provider;
  prepared.open.user = doomed.user;
  prepared.open.begun_at = parts_.clock.steady_seconds();
  prepared.open.next_at = prepared.open.begun_at;
  prepared.change = {Kind::intent, record_id(prepared.id), write_record(prepared.open, doomed),
                     std::nullopt};
  return prepared;
}

Task<Result<void>> Revocations::enqueue(Doomed doomed, std::vector<Change> also) {
  Prepared prepared = prepare(doomed);
  also.push_back(std::move(prepared.change));
  CO_CHECK(co_await parts_.vault.commit(std::move(also)));
  accept(prepared);
  tasks_.spawn(attempt_quietly(prepared.id));
  co_return Result<void>();
}

// The tokens that are dealt with are taken out of the list.
Task<Revocations::Told> Revocations::tell(Doomed& doomed, ServerRef server) {
  Told told{Said::revoked, ""};
  bool decided = false;
  while (!doomed.tokens.empty()) {
    const DoomedToken& token = doomed.tokens.front();
    if (token.expires_at && *token.expires_at <= parts_.clock.steady_seconds()) {
      doomed.tokens.erase(doomed.tokens.begin());
      continue;
    }
    Secret value = token.value.clone();
    const bool refreshes = token.refresh_token;
    const auto done = co_await parts_.engine.revoke(server, std::move(value), refreshes);
    if (!done && done.error().code == Code::not_found) {
      doomed.tokens.clear();
      co_return Told{Said::no_endpoint, done.error().text};
    }
    if (!done && done.error().code != Code::denied)
      co_return Told{Said::pending, done.error().text};
    // The first one counts, which is the refresh token if there is one; the others end by
    // themselves.
    if (!done && !decided) told = {Said::refused, done.error().text};
    decided = true;
    doomed.tokens.erase(doomed.tokens.begin());
  }
  co_return told;
}

Task<Revocations::Told> Revocations::attempt(std::string id) {
  Told told{Said::pending, "it is under way"};
  if (!open_.contains(id)) co_return Told{Said::revoked, ""};
  if (!busy_.insert(id).second) co_return told;
  auto record = parts_.vault.get(Kind::intent, record_id(id));
  if (!record || !*record) {
    busy_.erase(id);
    if (record) open_.erase(id);
    co_return told;
  }
  auto json = parse_json((*record)->plain.reveal(), record_limits);
  auto read = json ? read_record(*json) : Result<RecordRead>(json.error());
  if (!read) {
    busy_.erase(id);
    co_return Told{Said::pending, read.error().text};
  }
  Doomed doomed = std::move(read->doomed);
  const ServerRef server = parts_.setup.get()->provider_by_context(doomed.context);
  if (server != nullptr) told = co_await tell(doomed, server);
  else told.reason = "the provider is not configured now";
  kill_point("revoked");
  co_await finish(id, std::move(doomed), told);
  busy_.erase(id);
  co_return told;
}

Task<void> Revocations::finish(std::string id, Doomed doomed, Told told) {
  const auto found = open_.find(id);
  if (found == open_.end()) co_return;
  Open open = found->second;
  const int64_t now = parts_.clock.steady_seconds();
  const bool given_up = told.said == Said::pending && now - open.begun_at >= kGiveUpSeconds;
  std::vector<Change> changes;
  if (told.said == Said::pending && !given_up) {
    const int doublings = std::min(open.tries++, kMostDoublings);
    open.next_at = now + std::min(kMostSeconds, kFirstSeconds << doublings);
    open.reason = told.reason;
    found->second = open;
    changes.push_back({Kind::intent, record_id(id), write_record(open, doomed), std::nullopt});
  } else {
    Event event;
    event.name = "grant.revocation";
    event.issuer = doomed.user.issuer;
    event.subject = doomed.user.subject;
    event.workload = doomed.workload;
    event.provider = doomed.provider;
    event.account = doomed.account;
    event.grant = doomed.grant;
    event.outcome = given_up ? "given_up" : word(told.said);
    event.reason = told.reason;
    if (const auto recorded = parts_.audit.record(event); !recorded) {
      log(Level::error, recorded.error().text);
      found->second.next_at = now + kFirstSeconds;
      co_return;
    }
    changes.push_back({Kind::intent, record_id(id), std::nullopt, std::nullopt});
    open_.erase(found);
  }
  // Where it cannot be written it is done once more after a restart, which harms nothing.
  const auto written = co_await parts_.vault.commit(std::move(changes));
  if (!written) log(Level::error, written.error().text);
}

Task<void> Revocations::attempt_quietly(std::string id) {
  const Told told = co_await attempt(std::move(id));
  if (told.said != Said::revoked) log(Level::warning, "revocation: " + told.reason);
}

void Revocations::retry_due() {
  const int64_t now = parts_.clock.steady_seconds();
  for (const auto& [id, open] : open_) {
    if (open.next_at <= now && !busy_.contains(id)) tasks_.spawn(attempt_quietly(id));
  }
}

std::vector<Revocations::Open> Revocations::all() const {
  std::vector<Open> list;
  for (const auto& [id, open] : open_) list.push_back(open);
  return list;
}

}  // namespace reeve
