// Lifetime: until when something of ours lives, on a clock that nobody can set back.
//
// Deadlines are milliseconds of CLOCK_BOOTTIME and name the boot they belong to: after a reboot
// what they limit is over. Sessions end then anyhow, since their peer scopes are of that boot.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace reeve {

struct Lifetime {
  std::string boot;
  int64_t deadline = 0;  // boot milliseconds

  bool over(const Clock& clock, const std::string& this_boot) const {
    return boot != this_boot || clock.boot_milliseconds() >= deadline;
  }
};

}  // namespace reeve
