// Timer: runs a function once, some milliseconds from now, unless it dies first. And sleep().
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "async/waiter.h"

struct uv_timer_s;

namespace reeve {

class Timer final {
 public:
  explicit Timer(Loop& loop);
  Timer(Loop& loop, int64_t milliseconds, std::function<void()> function);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Replaces what was set before.
  void start(int64_t milliseconds, std::function<void()> function);
  void stop();
  bool active() const;

 private:
  struct Handle;
  Handle* handle_;  // closes itself when told to
};

Task<void> sleep(Loop& loop, int64_t milliseconds);

}  // namespace reeve
