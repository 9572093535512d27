#include "session/announcer.h"

#include "crypto/hash.h"

namespace reeve {
namespace {

constexpr size_t kQueue = 256;  // of a watcher that does not read; further ones are dropped

}  // namespace

Announcer::Watcher::Watcher(Announcer& announcer, std::string session, std::string owner)
    : announcer_(announcer), session_(std::move(session)), owner_(std::move(owner)) {
  announcer_.watchers_.push_back(this);
}

Announcer::Watcher::~Watcher() { announcer_.watchers_.remove(this); }

Task<Announcement> Announcer::Watcher::next(Loop& loop) {
  while (queue_.empty()) {
    Waiter<> waiter(loop);
    wake_ = waiter.resolver();
    co_await waiter;
  }
  Announcement first = std::move(queue_.front());
  queue_.pop_front();
  co_return first;
}

void Announcer::tell(Watcher& watcher, const Announcement& announcement) {
  // The end is never lost: it is the last thing a watcher waits for.
  if (watcher.queue_.size() >= kQueue && announcement.event != "session_ended") return;
  watcher.queue_.push_back(announcement);
  watcher.wake_.resolve({});
}

void Announcer::to_session(const std::string& session, const Announcement& announcement) {
  for (Watcher* watcher : watchers_) {
    if (watcher->session_ == session) tell(*watcher, announcement);
  }
}

void Announcer::to_owner(const std::string& owner, const Announcement& announcement) {
  for (Watcher* watcher : watchers_) {
    if (watcher->owner_ == owner) tell(*watcher, announcement);
  }
}

std::string owner_key(std::string_view issuer, std::string_view subject, std::string_view holder) {
  return length_prefixed({issuer, subject, holder});
}

}  // namespace reeve
