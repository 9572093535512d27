// FakeClock: time that passes when the test says so.
#pragma once

#include "base/clock.h"

namespace reeve::test {

class FakeClock final : public Clock {
 public:
  int64_t unix_seconds() const override { return unix_seconds_; }
  int64_t boot_milliseconds() const override { return boot_milliseconds_; }
  void pass_seconds(int64_t seconds) {
    unix_seconds_ += seconds;
    boot_milliseconds_ += seconds * 1000;
  }
  void set_unix(int64_t seconds) { unix_seconds_ = seconds; }

 private:
  int64_t unix_seconds_ = 1'800'000'000;
  int64_t boot_milliseconds_ = 1'000'000;
};

}  // namespace reeve::test
