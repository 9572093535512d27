#include "reeved/upkeep_methods.h"

#include <unistd.h>

#include <cerrno>

#include "async/carry_on.h"
#include "async/work.h"
#include "base/log.h"
#include "reeved/backup.h"

namespace reeve {
namespace {

constexpr std::string_view kInterface = "io.reeve.Admin";
constexpr size_t kChunk = size_t{96} * 1024;  // a third more in base64; within a frame

// What the operator can do something about is told as it is.
varlink::Reply told(const Error& error) {
  if (error.code != Code::io && error.code != Code::corrupt && error.code != Code::internal)
    return wire::unavailable(kInterface, error.text);
  return wire::from_error(kInterface, error);
}

// The next octets; empty at the end.
Task<Result<std::string>> read_chunk(Loop& loop, std::shared_ptr<Fd> file) {
  auto job = [file]() -> Result<std::string> {
    std::string chunk(kChunk, '\0');
    const ssize_t count = ::read(file->get(), chunk.data(), chunk.size());
    if (count < 0) return errno_error("the copy of the vault", errno);
    chunk.resize(static_cast<size_t>(count));
    return chunk;
  };
  co_return co_await work(loop, std::move(job));
}

}  // namespace

varlink::MethodTable UpkeepMethods::table() {
  return {{"AuditLog", [this](Call& call) { return audit_log(call); }},
          {"RotateKeys", [this](Call& call) { return rotate_keys(call); }},
          {"Backup", [this](Call& call) { return backup(call); }},
          {"Metrics", [this](Call& call) { return metrics(call); }}};
}

Task<varlink::Reply> UpkeepMethods::audit_log(Call&) {
  const Audit& audit = parts_.audit;
  co_return wire::reply([&](JsonWriter& json) {
    json.member("file", audit.path())
        .member("public_key", public_key_pem(audit.public_key()))
        .member("end", to_text(audit.end()));
  });
}

Task<Result<size_t>> UpkeepMethods::rotate(std::string what) {
  if (what != "master") co_return co_await parts_.keys.rotate_epoch();
  const SetupRef setup = parts_.setup.get();
  CO_CHECK(co_await parts_.keys.rotate_master(setup->config.vault));
  co_return size_t{0};
}

Task<varlink::Reply> UpkeepMethods::rotate_keys(Call& call) {
  std::string what = call.parameters.text("what");
  if (what.empty()) what = "epoch";
  if (what == "recovery") {
    // The key is this reply's alone: who hangs up asks for another.
    const auto key = co_await parts_.keys.new_recovery_key();
    if (!key) co_return told(key.error());
    const auto epoch = static_cast<int64_t>(parts_.vault.epoch());
    co_return wire::reply([&](JsonWriter& json) {
      json.member("epoch", epoch)
          .member("sealed", int64_t{0})
          .member("recovery_key", key->reveal());
    });
  }
  if (what != "epoch" && what != "master") co_return varlink::invalid_parameter("what");
  Task<Result<size_t>> task = rotate(what);
  auto done = co_await carry_on(tasks_, std::move(task));
  if (!done) co_return wire::unavailable(kInterface, "the daemon is stopping");
  if (!*done) co_return told(done->error());
  const auto sealed = static_cast<int64_t>(**done);
  const auto epoch = static_cast<int64_t>(parts_.vault.epoch());
  co_return wire::reply(
      [&](JsonWriter& json) { json.member("epoch", epoch).member("sealed", sealed); });
}

Task<varlink::Reply> UpkeepMethods::backup(Call& call) {
  if (!call.more) co_return wire::expected_more();
  Event event;
  event.name = "vault.backed_up";
  event.outcome = "ok";
  const auto recorded = co_await parts_.audit.record_synced(event);
  if (!recorded) co_return told(recorded.error());
  std::string directory = parts_.setup.get()->config.daemon.state_directory;
  auto copy = co_await copy_of(parts_.vault, std::move(directory));
  if (!copy) co_return told(copy.error());
  int64_t octets = 0;
  for (;;) {
    auto chunk = co_await read_chunk(parts_.loop, *copy);
    if (!chunk) co_return told(chunk.error());
    if (chunk->empty()) break;
    octets += static_cast<int64_t>(chunk->size());
    std::string text =
        wire::reply([&](JsonWriter& json) { json.member("chunk", base64url(*chunk)); }).parameters;
    co_await call.send(std::move(text));
  }
  co_return wire::reply([&](JsonWriter& json) { json.member("octets", octets); });
}

Gauges UpkeepMethods::gauges() const {
  Gauges now;
  const int64_t time = parts_.clock.unix_seconds();
  now.sessions = static_cast<int64_t>(parts_.sessions.all().size());
  now.grants_dead = static_cast<int64_t>(parts_.grants.dead());
  now.grants_live = static_cast<int64_t>(parts_.grants.size()) - now.grants_dead;
  for (const ConsentRef& consent : parts_.consents.all())
    now.consents_pending += final(consent->status) ? 0 : 1;
  now.epoch = parts_.vault.epoch();
  now.rotating = parts_.vault.rotating();
  now.epoch_age = time - parts_.keys.since().epoch;
  now.master_age = time - parts_.keys.since().master;
  now.audit_failures = static_cast<int64_t>(parts_.audit.failures());
  now.journal_dropped = static_cast<int64_t>(parts_.audit.journal_dropped());
  now.started_at = parts_.started_at;
  return now;
}

Task<varlink::Reply> UpkeepMethods::metrics(Call& call) {
  const std::string& format = call.parameters.text("format");
  if (!format.empty() && format != "openmetrics" && format != "prometheus")
    co_return varlink::invalid_parameter("format");
  const std::string text = parts_.metrics.render(
      gauges(), format == "prometheus" ? MetricsFormat::prometheus : MetricsFormat::openmetrics);
  co_return wire::reply([&](JsonWriter& json) { json.member("text", text); });
}

}  // namespace reeve
