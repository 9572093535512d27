// Pace: how often one may do what costs others something: begin a sign-in, say. Who "one" is, an
// address (bind/sender.h) or a user of this host, is a name to it.
//
// A bucket a name: full at first, a little comes back each second. What is full again is forgotten,
// so the table is small but under attack, and then bounded: who came first and is least in the way
// gives way.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "base/clock.h"

namespace reeve {

struct PaceLimits {
  int64_t times = 60;
  int64_t seconds = 600;
  size_t names = 8192;
};

class Pace final {
 public:
  explicit Pace(const Clock& clock, PaceLimits limits = {}) : clock_(clock), limits_(limits) {}

  // Counts one. 0: go on; else in how many seconds again. An empty name is not counted.
  int64_t take(const std::string& name);
  size_t names() const { return spent_.size(); }

 private:
  void make_room(int64_t now);
  int64_t milliseconds_each() const { return limits_.seconds * 1000 / limits_.times; }

  const Clock& clock_;
  const PaceLimits limits_;
  // When the bucket is full again (boot milliseconds): each take moves it on.
  std::unordered_map<std::string, int64_t> spent_;
};

}  // namespace reeve
