// TimeKeeper: notices that the clock was set back, while reeved runs or did not, and says so.
//
// What time it was is kept in the vault every few minutes. So the steady time (base/clock.h), by
// which tokens grow old, goes on over a restart whatever the clock says: exactly within a boot;
// after another one at least from what was kept, by as long as the machine is up.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "vault/vault.h"

namespace reeve {

class TimeKeeper final {
 public:
  TimeKeeper(Clock& clock, Vault& vault, std::string boot)
      : clock_(clock), vault_(vault), boot_(std::move(boot)) {}

  // Before anything is judged by its age.
  Result<void> load();
  // Once for each time that the clock was set back by more than a minute: what to say of it, with
  // the remedy.
  std::optional<std::string> look();
  // For the vault: what time it is. Empty within five minutes of the last.
  std::vector<Change> changes();

 private:
  Clock& clock_;
  Vault& vault_;
  const std::string boot_;
  int64_t said_ = 0;                // by how many seconds it was set back then
  std::optional<int64_t> kept_at_;  // boot milliseconds
};

}  // namespace reeve
