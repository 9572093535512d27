// Audit: the one writer of audit records: an append-only file of JSON lines.
//
// record() writes the line with one write(2); it is synced with its neighbours within a second.
// record_synced() returns when the line is durable: for what changes state. If a record cannot be
// written, the request it tells of must fail: both say so.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "async/timer.h"
#include "audit/event.h"
#include "base/clock.h"
#include "base/fd.h"

namespace reeve {

class Audit final {
 public:
  // Opens or makes the file (mode 0600). A half line left by a crash is ended by a newline.
  static Result<std::unique_ptr<Audit>> open(Loop& loop, const Clock& clock,
                                             const std::string& path);
  Audit(Loop& loop, const Clock& clock, Fd fd);

  Result<void> record(const Event& event);
  // The event's strings are used before the first suspension only.
  Task<Result<void>> record_synced(Event event);
  // Called for each record that was written, from now on.
  void on_record(std::function<void(const Event&)> told) { recorded_.push_back(std::move(told)); }
  uint64_t sequence() const { return sequence_; }

 private:
  Task<void> sync_soon();

  Loop& loop_;
  const Clock& clock_;
  Fd fd_;
  uint64_t sequence_ = 0;
  bool sync_pending_ = false;
  std::vector<std::function<void(const Event&)>> recorded_;
  TaskSet tasks_;
};

}  // namespace reeve
