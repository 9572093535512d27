// Deadline: the point in time by which something must be over, on the clock nobody sets.
#pragma once

#include <cstdint>
#include <ctime>

namespace reeve::client {

class Deadline final {
 public:
  explicit Deadline(int timeout_ms) : end_(now() + timeout_ms) {}

  // Milliseconds left; 0 once it has passed.
  int left() const {
    const int64_t left = end_ - now();
    return left <= 0 ? 0 : static_cast<int>(left);
  }

 private:
  static int64_t now() {
    timespec time = {};
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    return int64_t{time.tv_sec} * 1000 + time.tv_nsec / 1'000'000;
  }

  int64_t end_;
};

}  // namespace reeve::client
