// Journal: the copy of audit records that systemd's journal gets, with fields to search by and an
// id for each kind of message (data/reeve.catalog explains them).
//
// A copy only: what the journal does not take in time is dropped, and counted; the file is the
// record. The thread pool sends (send_all), so that nobody waits for the journal.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "audit/event.h"
#include "base/fd.h"

namespace reeve {

// 128 bits in hexadecimal: of the event's name, so that a new kind has an id without a table.
std::string message_id(std::string_view event_name);
// One datagram of the journal's native protocol.
std::string journal_entry(const Event& event, uint64_t sequence, std::string_view line);

class Journal final {
 public:
  // Where there is no journal nothing is sent, and nothing is counted.
  explicit Journal(const std::string& socket);

  bool present() const { return static_cast<bool>(shared_->fd); }
  uint64_t dropped() const { return shared_->dropped; }
  // Takes an entry for the next send_all(); drops it if too many wait.
  void add(std::string entry);
  // What sends all that waits: to be called once, on any thread; outlives this object.
  std::function<void()> send_all();

 private:
  struct Shared {
    Fd fd;
    std::atomic<uint64_t> dropped = 0;
  };
  const std::shared_ptr<Shared> shared_;
  std::vector<std::string> waiting_;
};

}  // namespace reeve
