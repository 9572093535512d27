// The page of what a user has lent, each with a button that ends it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bind/pages/page.h"

namespace reeve {

struct ConnectionRow {
  std::string grant, workload, provider, account;
  std::vector<std::string> scopes;
  int64_t created_at = 0;
  std::optional<int64_t> used_at;
};
Answer connections_page(const std::string& user, const std::vector<ConnectionRow>& rows,
                        const Secret& browser);

}  // namespace reeve
