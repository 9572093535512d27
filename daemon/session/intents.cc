#include "session/intents.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "crypto/random.h"

namespace reeve {
namespace {

constexpr std::string_view kWhat = "refresh";

Secret write_intent(const Intent& intent) {
  std::string text;
  JsonWriter(text)
      .begin_object()
      .member("what", kWhat)
      .member("grant", intent.grant)
      .member("context", intent.context)
      .member("id", intent.id)
      .member("epoch", intent.epoch)
      .member("scopes", intent.scopes)
      .member("resource", intent.resource)
      .member("begun_at", intent.begun_at)
      .member("lost", intent.lost)
      .member("after_loss", intent.after_loss)
      .end_object();
  return Secret(std::move(text));
}

Result<Intent> read_intent(const Json& json) {
  Intent intent;
  intent.grant = json.text("grant");
  intent.context = json.text("context");
  intent.id = json.text("id");
  intent.epoch = json.text("epoch");
  intent.scopes = json.strings("scopes").value_or(std::vector<std::string>());
  intent.resource = json.text("resource");
  intent.begun_at = json.integer("begun_at").value_or(0);
  intent.lost = json.boolean("lost").value_or(false);
  intent.after_loss = json.boolean("after_loss").value_or(false);
  if (intent.grant.empty() || intent.id.empty()) return Error{Code::corrupt, "an intent's record"};
  return intent;
}

}  // namespace

// The id of a record that is never made: a secret of this vault, the same at every start.
Intents::Intents(Vault& vault)
    : vault_(vault),
      keys_(SealKeys::from_seed(
          *Key::from_bytes(vault.id(Kind::setting, {"seal keys of held answers"}).view()))) {}

RecordId Intents::record_id(const std::string& grant) const {
  return vault_.id(Kind::intent, {kWhat, grant});
}

Result<void> Intents::load() {
  return vault_.for_each(Kind::intent, [this](const RecordId&, Record record) -> Result<void> {
    REEVE_TRY(const Json json, parse_json(record.plain.reveal()));
    if (json.text("what") != kWhat) return {};
    REEVE_TRY(Intent read, read_intent(json));
    auto intent = std::make_shared<const Intent>(std::move(read));
    open_[intent->grant] = std::move(intent);
    return {};
  });
}

IntentRef Intents::of(const std::string& grant) const {
  const auto found = open_.find(grant);
  return found == open_.end() ? nullptr : found->second;
}

std::vector<IntentRef> Intents::all() const {
  std::vector<IntentRef> list;
  for (const auto& [grant, intent] : open_) list.push_back(intent);
  return list;
}

std::string Intents::new_id() { return base64url(random_bytes(24)); }

Task<Result<void>> Intents::put(Intent intent) {
  std::vector<Change> changes;
  changes.push_back({Kind::intent, record_id(intent.grant), write_intent(intent), std::nullopt});
  const auto kept = co_await vault_.commit(std::move(changes));
  if (!kept) co_return in("the refresh could not be begun", kept.error());
  auto shared = std::make_shared<const Intent>(std::move(intent));
  open_[shared->grant] = shared;
  co_return Result<void>();
}

Change Intents::erasure(const std::string& grant) const {
  return {Kind::intent, record_id(grant), std::nullopt, std::nullopt};
}

Task<Result<void>> Intents::erase(std::string grant) {
  std::vector<Change> changes;
  changes.push_back(erasure(grant));
  CO_CHECK(co_await vault_.commit(std::move(changes)));
  forget(grant);
  co_return Result<void>();
}

}  // namespace reeve
