// The page of what a user has lent, each with a button that ends it; and what came of that.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bind/pages/page.h"

namespace reeve {

struct ConnectionRow {
  std::string grant, workload, provider, account, used_by;
  std::vector<std::string> scopes, resources;
  bool ended = false;  // the provider takes it no more
  int64_t created_at = 0;
  std::optional<int64_t> used_at;
};
Answer connections_page(const Look& look, const std::string& user,
                        const std::vector<ConnectionRow>& rows, const Secret& browser);

struct DisconnectedRow {
  bool done = false;  // false: nothing was changed
  std::string workload, provider;
  std::string said;  // revoked, no_endpoint, nothing, failed
  // Until when what the agent was lent before may still work.
  std::optional<int64_t> minutes_left;
  bool for_good = false;
};
// `all`: it was to be all of them.
Answer disconnected_page(const Look& look, const std::vector<DisconnectedRow>& rows, bool all);

}  // namespace reeve
