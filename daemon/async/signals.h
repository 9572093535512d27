// SignalWatch: calls a function on the loop when the process gets a signal.
#pragma once

#include <functional>

#include "async/loop.h"

namespace reeve {

class SignalWatch final {
 public:
  SignalWatch(Loop& loop, int signal_number, std::function<void()> function);
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

 private:
  struct Handle;
  Handle* handle_;
};

}  // namespace reeve
