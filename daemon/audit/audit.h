// Audit: the one writer of audit records: an append-only file of JSON lines, whose records form a
// chain (chain.h), some of them signed (checkpoints).
//
// record() writes the line with one write(2); it is synced with its neighbours within a second.
// record_synced() returns when the line is durable: for what changes state. If a record cannot be
// written, the request it tells of must fail: both say so. Each file begins and ends with a
// checkpoint; one more follows whatever was written within a minute or 1,024 records. The last
// checkpoint also lies beside the log ("FILE.head", with the public key "FILE.pub"), and is told to
// whoever keeps it better (the vault): a log that was cut is known by it.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "async/timer.h"
#include "audit/audit_file.h"
#include "audit/event.h"
#include "audit/head_file.h"
#include "audit/journal.h"
#include "base/clock.h"

namespace reeve {

struct AuditOptions {
  std::string path;
  SigningKey key;
  // The last checkpoint as the vault remembers it; 0: none.
  ChainPoint known;
  std::string journal = "/run/systemd/journal/socket";
};

// When a file is put aside, and how many such files are kept; 0: all.
struct AuditLimits {
  int64_t file_bytes = int64_t{64} * 1024 * 1024;
  size_t files = 0;
};

class Audit final {
 public:
  // Opens or makes the file (mode 0600). What a crash left at its end, and what is missing there,
  // is told in the first record, and logged.
  static Result<std::unique_ptr<Audit>> open(Loop& loop, const Clock& clock, AuditOptions options);
  Audit(Loop& loop, const Clock& clock, AuditOptions options, AuditFile file);
  ~Audit();

  Result<void> record(const Event& event);
  // The event's strings are used before the first suspension only.
  Task<Result<void>> record_synced(Event event);
  // Called for each record that was written, from now on.
  void on_record(std::function<void(const Event&)> told) { recorded_.push_back(std::move(told)); }
  uint64_t sequence() const { return end_.sequence; }

  void set_limits(AuditLimits limits) {
    limits_ = limits;
    put_aside_at_ = limits.file_bytes;
  }
  // Each checkpoint from now on.
  void on_checkpoint(std::function<void(const ChainPoint&)> told) { told_ = std::move(told); }
  // If somebody moved the file away (logrotate), begins another in its place.
  Result<void> reopen();

  const ChainPoint& end() const { return end_; }
  const std::string& path() const { return file_.path(); }
  const std::string& public_key() const { return key_.public_key(); }
  uint64_t failures() const { return failures_; }
  uint64_t journal_dropped() const { return journal_.dropped(); }

 private:
  Result<void> begin(const ChainPoint& known);
  Result<void> append(std::string body);
  // members: rendered, what this checkpoint says beside its place in the chain.
  Result<void> checkpoint(std::string_view name, std::string_view members = {});
  void checkpoint_or_log(std::string_view name);
  Result<void> begin_another(std::string_view members);
  void put_aside();
  Task<void> keep_head_soon(uint64_t sequence, std::string line);
  void later();
  Task<void> sync_soon();
  Task<void> sign_soon();

  Loop& loop_;
  const Clock& clock_;
  const SigningKey key_;
  AuditFile file_;
  ChainPoint end_;
  Journal journal_;
  const std::shared_ptr<HeadFile> head_;
  AuditLimits limits_;
  int64_t put_aside_at_ = limits_.file_bytes;
  uint64_t unsigned_ = 0;  // records since the last checkpoint
  uint64_t failures_ = 0;
  bool sync_pending_ = false, sign_pending_ = false;
  std::function<void(const ChainPoint&)> told_;
  std::vector<std::function<void(const Event&)>> recorded_;
  TaskSet tasks_;
};

}  // namespace reeve
