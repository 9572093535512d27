// FdWatch: tells when a descriptor may be read or written, by callback. Readiness: the same to
// await.
//
// The descriptor stays the caller's and must outlive the watch. For sockets, pipes and pidfds, not
// files.
#pragma once

#include <functional>

#include "async/waiter.h"

namespace reeve {

class FdWatch final {
 public:
  enum Events { kReadable = 1, kWritable = 2, kHangup = 4 };

  // Calls the function with the events that hold, again and again while wanted (level-triggered).
  // An error of the descriptor counts as all that was wanted: the next read or write tells it.
  FdWatch(Loop& loop, int fd, std::function<void(int events)> function);
  ~FdWatch();
  FdWatch(const FdWatch&) = delete;
  FdWatch& operator=(const FdWatch&) = delete;

  void want(int events);  // 0: nothing
  int wanted() const { return wanted_; }

 private:
  struct Handle;
  Handle* handle_;
  int wanted_ = 0;
};

// For one reading, one writing and one guarding coroutine. Readable stays armed between waits, so
// that a busy connection costs no system call to wait again.
class Readiness final {
 public:
  Readiness(Loop& loop, int fd);

  // Each returns when it holds, or may hold.
  Task<void> readable() { return wait(FdWatch::kReadable, 0); }
  Task<void> writable() { return wait(FdWatch::kWritable, 1); }
  Task<void> hangup() { return wait(FdWatch::kHangup, 2); }

 private:
  Task<void> wait(int event, int slot);
  void tell(int events);

  Loop& loop_;
  Resolver<> resolvers_[3];
  FdWatch watch_;
};

}  // namespace reeve
