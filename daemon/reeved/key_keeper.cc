#include "reeved/key_keeper.h"

#include "base/encoding.h"
#include "base/json.h"
#include "base/json_writer.h"
#include "base/log.h"
#include "vault/store_sqlite.h"

namespace reeve {
namespace {

RecordId ages_record(const Vault& vault) { return vault.id(Kind::setting, {"key ages"}); }

Error busy() { return {Code::unavailable, "keys are being rotated already"}; }

// Set while it lives; also where the coroutine that holds it is dropped.
class Flag {
 public:
  explicit Flag(bool& flag) : flag_(flag) { flag_ = true; }
  Flag(const Flag&) = delete;
  Flag& operator=(const Flag&) = delete;
  ~Flag() { flag_ = false; }

 private:
  bool& flag_;
};

}  // namespace

Result<Key> load_key(const SecretRef& ref, std::string_view table_key) {
  auto loaded = load_secret_bytes(ref);
  if (!loaded) {
    Error error = in(table_key, std::move(loaded).error());
    if (error.code == Code::not_found) error.text += "; `reeve setup key` makes one";
    return error;
  }
  std::string_view bytes = loaded->reveal();
  if (auto key = Key::from_bytes(bytes)) return std::move(*key);
  if (bytes.ends_with('\n')) bytes.remove_suffix(1);
  if (auto decoded = hex_decode(bytes)) {
    const Secret octets(std::move(*decoded));
    if (auto key = Key::from_bytes(octets.reveal())) return std::move(*key);
  }
  return Error{Code::invalid, std::string(table_key) + ": " + ref.label() +
                                  " must hold 32 octets or 64 hexadecimal digits; "
                                  "`openssl rand -hex 32` makes one"};
}

Result<std::unique_ptr<Vault>> open_vault(Loop& loop, const std::string& path,
                                          const VaultConfig& config, OpenMode mode) {
  REEVE_TRY(const Key master, load_key(config.master_key, "[vault] master_key"));
  const auto open = [&](const Key& key, OpenMode how) -> Result<std::unique_ptr<Vault>> {
    auto store = open_sqlite_store(path, how);
    if (!store) return std::move(store).error();
    auto vault = Vault::open(loop, std::move(*store), key, how);
    if (!vault) return in("the vault " + path, std::move(vault).error());
    return vault;
  };
  auto opened = open(master, mode);
  if (opened || opened.error().code != Code::denied || !config.next_master_key) return opened;
  const auto next = load_key(*config.next_master_key, "[vault] next_master_key");
  if (!next) return opened;
  auto by_next = open(*next, OpenMode::must_exist);
  if (!by_next) return opened;
  log(Level::notice,
      "the vault was opened with [vault] next_master_key: make it master_key, the old one opens "
      "it no more");
  return by_next;
}

KeyKeeper::KeyKeeper(const Clock& clock, Vault& vault, Audit& audit)
    : clock_(clock), vault_(vault), audit_(audit) {
  const auto record = vault_.get(Kind::setting, ages_record(vault_));
  if (!record || !*record) return;
  const auto json = parse_json((*record)->plain.reveal());
  if (!json) return;
  known_epoch_ = static_cast<uint32_t>(json->integer("epoch").value_or(0));
  since_ = {json->integer("epoch_since").value_or(0), json->integer("master_since").value_or(0)};
}

Task<Result<void>> KeyKeeper::keep_ages() {
  std::string text;
  JsonWriter(text)
      .begin_object()
      .member("epoch", static_cast<int64_t>(known_epoch_))
      .member("epoch_since", since_.epoch)
      .member("master_since", since_.master)
      .end_object();
  std::vector<Change> changes;
  changes.push_back({Kind::setting, ages_record(vault_), Secret(std::move(text)), std::nullopt});
  co_return co_await vault_.commit(std::move(changes));
}

Task<void> KeyKeeper::resume() {
  const bool new_epoch = known_epoch_ != vault_.epoch();
  if (new_epoch || since_.master == 0) {
    if (new_epoch) since_.epoch = clock_.unix_seconds();
    if (since_.master == 0) since_.master = clock_.unix_seconds();
    known_epoch_ = vault_.epoch();
    const auto kept = co_await keep_ages();
    if (!kept) log(Level::error, kept.error().text);
  }
  if (!vault_.rotating() || busy_) co_return;
  const Flag flag(busy_);
  log(Level::notice, "a rotation of keys that was cut short is finished now");
  const auto finished = co_await vault_.finish_rotation();
  if (!finished) log(Level::error, "rotation of keys: " + finished.error().text);
}

Task<Result<void>> KeyKeeper::record(std::string_view what, std::string_view outcome) {
  Event event;
  event.name = "keys.rotated";
  event.reason = what;
  event.outcome = outcome;
  co_return co_await audit_.record_synced(event);
}

Task<Result<size_t>> KeyKeeper::rotate_epoch() {
  if (busy_) co_return busy();
  const Flag flag(busy_);
  CO_CHECK(co_await record("epoch", "ok"));
  CO_CHECK(co_await vault_.begin_epoch());
  known_epoch_ = vault_.epoch();
  since_.epoch = clock_.unix_seconds();
  CO_CHECK(co_await keep_ages());
  co_return co_await vault_.finish_rotation();
}

Task<Result<void>> KeyKeeper::rotate_master(const VaultConfig& config) {
  if (busy_) co_return busy();
  const Flag flag(busy_);
  if (!config.next_master_key) {
    co_return Error{Code::invalid,
                    "no new master key: make one, name it as [vault] next_master_key, reload"};
  }
  CO_TRY(const Key next, load_key(*config.next_master_key, "[vault] next_master_key"));
  CO_CHECK(co_await record("master", "ok"));
  CO_CHECK(co_await vault_.replace_slots(SlotKind::service, next));
  since_.master = clock_.unix_seconds();
  co_return co_await keep_ages();
}

Task<Result<Secret>> KeyKeeper::new_recovery_key() {
  if (busy_) co_return busy();
  const Flag flag(busy_);
  const Key key = Key::random();
  CO_CHECK(co_await record("recovery", "ok"));
  CO_CHECK(co_await vault_.replace_slots(SlotKind::recovery, key));
  co_return Secret(hex(key.reveal()));
}

}  // namespace reeve
