#include "base/clock.h"

#include <algorithm>
#include <ctime>

namespace reeve {

int64_t Clock::steady_seconds() const {
  const int64_t now = unix_seconds();
  const int64_t boot = boot_milliseconds();
  if (latest_) {
    const int64_t counted = latest_->unix_seconds + (boot - latest_->boot_milliseconds) / 1000;
    if (counted >= now) return counted;
  }
  latest_ = {now, boot};
  return now;
}

void Clock::not_before(int64_t unix_seconds) {
  latest_ = {std::max(unix_seconds, steady_seconds()), boot_milliseconds()};
}

int64_t SystemClock::unix_seconds() const {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return now.tv_sec;
}

int64_t SystemClock::boot_milliseconds() const {
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  return static_cast<int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1000000;
}

}  // namespace reeve
