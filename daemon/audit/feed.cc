#include "audit/feed.h"

#include <utility>

namespace reeve {
namespace {

constexpr size_t kQueue = 256;  // of a watcher that does not read; further ones are dropped

}  // namespace

Feed::Watcher::Watcher(Feed& feed) : feed_(feed) { feed_.watchers_.push_back(this); }

Feed::Watcher::~Watcher() { feed_.watchers_.remove(this); }

Task<Feed::Told> Feed::Watcher::next(Loop& loop) {
  while (queue_.empty()) {
    Waiter<> waiter(loop);
    wake_ = waiter.resolver();
    co_await waiter;
  }
  Told first = std::move(queue_.front());
  queue_.pop_front();
  co_return first;
}

void Feed::tell(const Event& event, int64_t unix_seconds, uint64_t sequence) {
  if (watchers_.empty()) return;
  std::string record = render_event(event, unix_seconds, sequence);
  record += '}';
  for (Watcher* watcher : watchers_) {
    if (watcher->queue_.size() >= kQueue) {
      ++watcher->dropped_;
      continue;
    }
    watcher->queue_.push_back({record, std::exchange(watcher->dropped_, 0)});
    watcher->wake_.resolve({});
  }
}

}  // namespace reeve
