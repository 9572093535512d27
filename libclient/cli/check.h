// check: a configuration as reeved itself reads it (`reeved --check`).
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cli/options.h"

namespace reeve::cli {

struct CheckOutcome {
  bool valid = false;
  std::vector<std::string> warnings, errors;
  std::map<std::string, std::string> redirects;  // by table
};

// Throws Failure where there is no reeved.
CheckOutcome check_configuration(const CheckOptions& options);

}  // namespace reeve::cli
