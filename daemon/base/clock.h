// Clock: what time it is, as a part that tests can replace (tests/support/fake_clock.h).
#pragma once

#include <cstdint>

namespace reeve {

class Clock {
 public:
  virtual ~Clock() = default;
  // Seconds since the Unix epoch; may be set back by the operator. For what others gave a time for.
  virtual int64_t unix_seconds() const = 0;
  // Milliseconds since boot, counting sleep (CLOCK_BOOTTIME); never goes back. For our own
  // deadlines.
  virtual int64_t boot_milliseconds() const = 0;
};

class SystemClock final : public Clock {
 public:
  int64_t unix_seconds() const override;
  int64_t boot_milliseconds() const override;
};

}  // namespace reeve
