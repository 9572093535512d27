// Clock: what time it is, as a part that tests can replace (tests/support/fake_clock.h). Of one
// thread.
#pragma once

#include <cstdint>
#include <optional>

namespace reeve {

class Clock {
 public:
  virtual ~Clock() = default;
  // Seconds since the Unix epoch; may be set back by the operator. For what others gave a time for.
  virtual int64_t unix_seconds() const = 0;
  // Milliseconds since boot, counting sleep (CLOCK_BOOTTIME); never goes back. For our own
  // deadlines.
  virtual int64_t boot_milliseconds() const = 0;

  // Unix seconds that never go back: where the clock is set back they count on from the latest time
  // it said. For how old something is that we wrote a time to: a token, an answer we keep.
  int64_t steady_seconds() const;
  // That time was seen before this process began.
  void not_before(int64_t unix_seconds);
  // By how many seconds the clock was set back.
  int64_t set_back_by() const { return steady_seconds() - unix_seconds(); }
  // A time of steady_seconds() as those see it who look at the clock.
  int64_t as_set(int64_t steady) const { return steady - set_back_by(); }
  std::optional<int64_t> as_set(const std::optional<int64_t>& steady) const {
    return steady ? std::optional<int64_t>(as_set(*steady)) : std::nullopt;
  }

 private:
  struct Mark {
    int64_t unix_seconds = 0, boot_milliseconds = 0;
  };
  mutable std::optional<Mark> latest_;
};

class SystemClock final : public Clock {
 public:
  int64_t unix_seconds() const override;
  int64_t boot_milliseconds() const override;
};

}  // namespace reeve
