#include "base/pace.h"

#include <algorithm>

namespace reeve {

int64_t Pace::take(const std::string& name) {
  if (name.empty()) return 0;
  const int64_t now = clock_.boot_milliseconds();
  auto found = spent_.find(name);
  if (found == spent_.end()) {
    if (spent_.size() >= limits_.names) make_room(now);
    found = spent_.emplace(name, now).first;
  }
  const int64_t full_at = std::max(found->second, now) + milliseconds_each();
  const int64_t over = full_at - now - limits_.seconds * 1000;
  if (over > 0) return (over + 999) / 1000;
  found->second = full_at;
  return 0;
}

void Pace::make_room(int64_t now) {
  std::erase_if(spent_, [now](const auto& entry) { return entry.second <= now; });
  if (spent_.size() < limits_.names) return;
  const auto least =
      std::min_element(spent_.begin(), spent_.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });
  spent_.erase(least);
}

}  // namespace reeve
