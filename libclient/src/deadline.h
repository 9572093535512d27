// Deadline: the point in time by which something must be over, on the clock nobody sets.
#pragma once

#include <chrono>

#include "src/failure.h"

namespace reeve::client {

class Deadline final {
 public:
  explicit Deadline(int timeout_ms) : end_(Clock::now() + std::chrono::milliseconds(timeout_ms)) {}

  // Milliseconds left, at least 1. Throws Failure once it has passed.
  int left() const {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - Clock::now()).count();
    if (left <= 0) throw Failure{REEVE_TIMEOUT, ""};
    return static_cast<int>(left);
  }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point end_;
};

}  // namespace reeve::client
