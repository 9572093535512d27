// Held: the requests that must not be sent twice and whose answers must not be lost.
//
// Each id is in one state: running, answered (in the spool), or lost (it may have been sent, and no
// answer came). A request with a known id joins it and sends nothing, whatever else it says; that
// stays so after a restart. A running one goes on when whoever asked is gone. Only an acknowledged
// id may be used anew; one whose request surely was not sent is forgotten by itself.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "async/waiter.h"
#include "fetch/message.h"
#include "fetch/slots.h"
#include "fetch/spool.h"
#include "fetch/transport.h"

namespace reeve {

// The sealed answer, or why there is none.
using HeldOutcome = std::variant<std::string, FetchFailure>;

class Held final {
 public:
  // The spool must outlive the loop: a write that was begun ends on the loop's thread pool.
  Held(Loop& loop, Transport& transport, const Spool& spool, size_t most);
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

  const std::string& epoch() const { return spool_.epoch(); }
  // Running and answered, sorted: what a request may join.
  std::vector<std::string> ids() const;
  bool knows(const std::string& id) const { return entries_.contains(id); }
  // True if one more can be begun; makes room by forgetting the lost one that was begun first.
  bool make_room();

  // Begins a request whose id is not known, where there is room. `seal_to`: a public key that
  // crypto/box.h takes.
  void begin(const std::string& id, std::string seal_to, FetchRequest request, Slots::Slot slot);
  // What has come or will come of a known id.
  Task<HeldOutcome> join(std::string id);
  // Erases an answered or lost one; a running one is not kept when it ends. Unknown: nothing.
  void acknowledge(const std::string& id);

  size_t running() const { return tasks_.size(); }
  // Calls it once, when nothing runs any more; not from within this call.
  void when_idle(std::function<void()> function);

 private:
  enum class State { running, answered, lost };
  // One for all who wait, and outlives the entry: what ended may be forgotten at once.
  struct Ending {
    std::optional<HeldOutcome> outcome;
    std::vector<Resolver<>> waiting;
  };
  struct Entry {
    State state = State::running;
    uint64_t number = 0;  // in the order they were begun
    bool keep = true;
    std::string unsaved;             // the sealed answer, where the spool could not be written
    FetchFailure failure;            // lost
    std::shared_ptr<Ending> ending;  // running
  };

  Task<void> run(std::string id, std::string seal_to, FetchRequest request, Slots::Slot slot);
  Task<void> carry(std::string id, std::string seal_to, FetchRequest request);
  void answered(const std::string& id, std::string sealed, bool saved);
  void failed(const std::string& id, FetchFailure failure);
  void tell(Entry& entry, HeldOutcome outcome);
  Task<HeldOutcome> read(std::string id);

  Loop& loop_;
  Transport& transport_;
  const Spool& spool_;
  size_t most_;
  uint64_t next_number_ = 0;
  std::map<std::string, Entry> entries_;
  std::function<void()> idle_;
  TaskSet tasks_;
};

}  // namespace reeve
