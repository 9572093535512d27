#include "reeved/time_keeper.h"

#include "base/json.h"
#include "base/json_writer.h"

namespace reeve {
namespace {

constexpr int64_t kSlackSeconds = 60;
constexpr int64_t kKeepMilliseconds = 300'000;

RecordId record_of(const Vault& vault) { return vault.id(Kind::setting, {"clock"}); }

}  // namespace

Result<void> TimeKeeper::load() {
  REEVE_TRY(const std::optional<Record> record, vault_.get(Kind::setting, record_of(vault_)));
  if (!record) return {};
  REEVE_TRY(const Json json, parse_json(record->plain.reveal()));
  const int64_t seen = json.integer("unix_seconds").value_or(0);
  const int64_t then = json.integer("boot_milliseconds").value_or(0);
  // After another boot all of this one has passed since.
  const int64_t passed = clock_.boot_milliseconds() - (json.text("boot") == boot_ ? then : 0);
  clock_.not_before(seen + passed / 1000);
  return {};
}

std::optional<std::string> TimeKeeper::look() {
  const int64_t by = clock_.set_back_by();
  if (by <= kSlackSeconds) said_ = 0;
  if (by <= said_ + kSlackSeconds) return std::nullopt;
  said_ = by;
  return "the clock was set back: it is " + std::to_string(by) +
         " seconds behind the time at which this vault was used before. Tokens grow old as before, "
         "and none is lent longer than it lives; but the tokens that users and issuers sign are "
         "judged by the clock. If it is wrong, set it right: see timedatectl(1), `timedatectl "
         "status`. If it was wrong before, nothing is to be done: tokens are refreshed early";
}

std::vector<Change> TimeKeeper::changes() {
  std::vector<Change> changes;
  const int64_t boot = clock_.boot_milliseconds();
  if (kept_at_ && boot - *kept_at_ < kKeepMilliseconds) return changes;
  kept_at_ = boot;
  std::string text;
  JsonWriter(text)
      .begin_object()
      .member("unix_seconds", clock_.steady_seconds())
      .member("boot", boot_)
      .member("boot_milliseconds", boot)
      .end_object();
  changes.push_back({Kind::setting, record_of(vault_), Secret(std::move(text)), std::nullopt});
  return changes;
}

}  // namespace reeve
