#include "audit/audit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "async/work.h"
#include "base/encoding.h"
#include "base/json_writer.h"
#include "base/log.h"

namespace reeve {
namespace {

constexpr int64_t kSyncMilliseconds = 500;
constexpr int64_t kSignMilliseconds = 60'000;
constexpr uint64_t kSignRecords = 1024;
constexpr std::string_view kSigned = "audit.checkpoint";

Error cannot_write(int number) {
  Error error = errno_error("the audit file cannot be written", number);
  error.code = Code::unavailable;
  return error;
}

}  // namespace

Result<std::unique_ptr<Audit>> Audit::open(Loop& loop, const Clock& clock, AuditOptions options) {
  REEVE_TRY(AuditFile file, AuditFile::open(options.path));
  ChainPoint known = options.known;
  const ChainPoint beside = HeadFile(options.path + ".head").read(options.key);
  if (beside.sequence > known.sequence) known = beside;
  if (const auto kept =
          replace_file(options.path + ".pub", public_key_pem(options.key.public_key()));
      !kept) {
    return in("the audit's public key", kept.error());
  }
  auto audit = std::make_unique<Audit>(loop, clock, std::move(options), std::move(file));
  REEVE_CHECK(audit->begin(known));
  return audit;
}

Audit::Audit(Loop& loop, const Clock& clock, AuditOptions options, AuditFile file)
    : loop_(loop),
      clock_(clock),
      key_(std::move(options.key)),
      file_(std::move(file)),
      end_(file_.end()),
      journal_(options.journal),
      head_(std::make_shared<HeadFile>(file_.path() + ".head")),
      tasks_(loop) {}

Audit::~Audit() {
  told_ = nullptr;  // whoever listened may be gone
  checkpoint_or_log("audit.stopped");
  if (journal_.present()) journal_.send_all()();
}

Result<void> Audit::begin(const ChainPoint& known) {
  std::string members;
  JsonWriter json(members);
  if (const auto& torn = file_.torn()) {
    json.member("torn_octets", static_cast<int64_t>(torn->octets))
        .member("torn_sha256", hex(torn->hash));
    log(Level::warning, "the audit file ended in a torn record of " + std::to_string(torn->octets) +
                            " octets: the next record says so");
  }
  const bool cut = known.sequence > end_.sequence ||
                   (known.sequence == end_.sequence && known.chain != end_.chain);
  if (cut) {
    json.member("cut_before", to_text(known)).member("found", to_text(end_));
    log(Level::error, "the audit file was cut or replaced: it ends with record " +
                          std::to_string(end_.sequence) + ", but record " +
                          std::to_string(known.sequence) + " was written");
    // The numbers that are known to be used are not used again.
    end_ = known;
  }
  return checkpoint("audit.started", members);
}

Result<void> Audit::append(std::string body) {
  const std::string chain = next_chain(end_.chain, body);
  auto written = file_.append(close_line(std::move(body), chain));
  if (!written) {
    ++failures_;
    return written;
  }
  ++end_.sequence;
  end_.chain = chain;
  return {};
}

Result<void> Audit::record(const Event& event) {
  std::string body = render_event(event, clock_.unix_seconds(), end_.sequence + 1);
  std::string copy;
  if (journal_.present()) copy = body;
  REEVE_CHECK(append(std::move(body)));
  if (journal_.present())
    journal_.add(journal_entry(event, end_.sequence, close_line(std::move(copy), end_.chain)));
  for (const auto& told : recorded_) told(event);
  ++unsigned_;
  later();
  return {};
}

Task<Result<void>> Audit::record_synced(Event event) {
  CO_CHECK(record(event));
  auto job = [fd = std::make_shared<Fd>(file_.duplicate())] {
    return ::fdatasync(fd->get()) == 0 ? 0 : errno;
  };
  const int number = co_await work(loop_, std::move(job));
  if (number != 0) co_return cannot_write(number);
  co_return Result<void>();
}

// What a record leaves to be done.
void Audit::later() {
  if (file_.size() >= put_aside_at_) put_aside();
  if (unsigned_ >= kSignRecords) checkpoint_or_log(kSigned);
  if (!sync_pending_) {
    sync_pending_ = true;
    tasks_.spawn(sync_soon());
  }
  if (!sign_pending_) {
    sign_pending_ = true;
    tasks_.spawn(sign_soon());
  }
}

Task<void> Audit::sync_soon() {
  co_await sleep(loop_, kSyncMilliseconds);
  sync_pending_ = false;
  auto job = [fd = std::make_shared<Fd>(file_.duplicate()), send = journal_.send_all()] {
    const int number = ::fdatasync(fd->get()) == 0 ? 0 : errno;
    send();
    return number;
  };
  const int number = co_await work(loop_, std::move(job));
  if (number != 0) log(Level::error, cannot_write(number).text);
}

Task<void> Audit::sign_soon() {
  co_await sleep(loop_, kSignMilliseconds);
  sign_pending_ = false;
  if (unsigned_ > 0) checkpoint_or_log(kSigned);
}

Result<void> Audit::checkpoint(std::string_view name, std::string_view members) {
  Event event;
  event.name = name;
  std::string body = render_event(event, clock_.unix_seconds(), end_.sequence + 1);
  const auto say = [&body](std::string_view key, std::string_view value) {
    body += ",\"";
    body += key;
    body += "\":\"";
    body += value;
    body += '"';
  };
  say("key", key_name(key_.public_key()));
  say("previous", base64url(end_.chain));
  if (!members.empty()) (body += ',') += members;
  body = sign_body(std::move(body), end_.chain, key_);
  const std::string copy = body;
  REEVE_CHECK(append(std::move(body)));
  unsigned_ = 0;
  const std::string line = close_line(copy, end_.chain);
  event.outcome = "ok";
  journal_.add(journal_entry(event, end_.sequence, line));
  // The others are rare, and nobody waits: at the start, at the end, between two files.
  if (name == kSigned) tasks_.spawn(keep_head_soon(end_.sequence, line));
  else head_->keep(end_.sequence, line);
  if (told_) told_(end_);
  return {};
}

void Audit::checkpoint_or_log(std::string_view name) {
  const auto written = checkpoint(name);
  if (!written) log(Level::error, written.error().text);
}

Task<void> Audit::keep_head_soon(uint64_t sequence, std::string line) {
  auto job = [head = head_, sequence, text = std::move(line)] {
    head->keep(sequence, text);
    return true;
  };
  co_await work(loop_, std::move(job));
}

void Audit::put_aside() {
  // If it fails, not at every record again.
  put_aside_at_ = file_.size() + limits_.file_bytes / 16;
  if (const auto written = checkpoint("audit.put_aside"); !written) {
    log(Level::error, written.error().text);
    return;
  }
  const Fd full = file_.duplicate();
  if (const auto moved = file_.put_aside(end_); !moved) {
    log(Level::error, "the audit file grows on: " + moved.error().text);
    return;
  }
  if (::fdatasync(full.get()) != 0) log(Level::error, cannot_write(errno).text);
  std::string members;
  if (limits_.files > 0) {
    const std::vector<std::string> removed = file_.remove_oldest(limits_.files);
    if (!removed.empty()) JsonWriter(members).member("removed", removed);
  }
  if (const auto begun = begin_another(members); !begun) log(Level::error, begun.error().text);
}

Result<void> Audit::begin_another(std::string_view members) {
  put_aside_at_ = limits_.file_bytes;
  return checkpoint("audit.continued", members);
}

Result<void> Audit::reopen() {
  put_aside_at_ = limits_.file_bytes;
  if (!file_.moved()) return {};
  REEVE_CHECK(checkpoint("audit.put_aside"));
  const Fd full = file_.duplicate();
  REEVE_CHECK(file_.reopen());
  if (::fdatasync(full.get()) != 0) return cannot_write(errno);
  return begin_another({});
}

}  // namespace reeve
