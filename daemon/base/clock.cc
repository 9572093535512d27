#include "base/clock.h"

#include <ctime>

namespace reeve {

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
