// Announcer: tells the watchers of sessions what happens: a token was refreshed, a grant revoked,
// the session ended.
#pragma once

#include <deque>
#include <list>
#include <string>

#include "async/waiter.h"

namespace reeve {

struct Announcement {
  std::string event;  // "token_refreshed", "grant_revoked", "session_ended"
  std::string provider, grant;
};

class Announcer final {
 public:
  // One watcher: lives in the coroutine that serves it.
  class Watcher {
   public:
    Watcher(Announcer& announcer, std::string session, std::string owner);
    ~Watcher();
    Watcher(const Watcher&) = delete;
    Watcher& operator=(const Watcher&) = delete;
    // The next announcement.
    Task<Announcement> next(Loop& loop);

   private:
    friend class Announcer;
    Announcer& announcer_;
    const std::string session_;  // the session's public id
    const std::string owner_;    // owner_key() of its user and holder
    std::deque<Announcement> queue_;
    Resolver<> wake_;
  };

  void to_session(const std::string& session, const Announcement& announcement);
  void to_owner(const std::string& owner, const Announcement& announcement);
  size_t watchers() const { return watchers_.size(); }

 private:
  static void tell(Watcher& watcher, const Announcement& announcement);
  std::list<Watcher*> watchers_;
};

// Whose grants they are: of this user, for this holder.
std::string owner_key(std::string_view issuer, std::string_view subject, std::string_view holder);

}  // namespace reeve
