// Waiting: how many calls of each workload wait for an issuer or a provider, so that one workload
// with many connections leaves the others their part of what reeve-fetch can carry (W9).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

namespace reeve {

class Waiting final {
 public:
  // A place for one call more, to be kept while it waits; null where `most` wait already. Must not
  // outlive this.
  std::shared_ptr<void> enter(const std::string& workload, int64_t most) {
    int64_t& count = counts_[workload];
    if (count >= most) return nullptr;
    ++count;
    return {this, [workload](Waiting* self) { self->leave(workload); }};
  }

 private:
  void leave(const std::string& workload) {
    const auto found = counts_.find(workload);
    if (--found->second == 0) counts_.erase(found);
  }

  std::map<std::string, int64_t> counts_;
};

}  // namespace reeve
