// Feed: the audit's records as they are written, for who watches: refused flows, say, while they
// happen. The same records, told by the same words; nothing is kept for who comes later.
#pragma once

#include <deque>
#include <list>
#include <string>

#include "async/waiter.h"
#include "audit/event.h"

namespace reeve {

class Feed final {
 public:
  struct Told {
    std::string record;    // one JSON object
    uint64_t dropped = 0;  // records lost just before this one, since the watcher did not read
  };

  // Lives in the coroutine that serves it.
  class Watcher {
   public:
    explicit Watcher(Feed& feed);
    ~Watcher();
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;
    Task<Told> next(Loop& loop);

   private:
    friend class Feed;
    Feed& feed_;
    std::deque<Told> queue_;
    uint64_t dropped_ = 0;  // since the newest in the queue
    Resolver<> wake_;
  };

  // Costs nothing while nobody watches.
  void tell(const Event& event, int64_t unix_seconds, uint64_t sequence);
  size_t watchers() const { return watchers_.size(); }

 private:
  std::list<Watcher*> watchers_;
};

}  // namespace reeve
