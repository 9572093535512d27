// What another program prints.
#pragma once

#include <string>
#include <vector>

namespace reeve::cli {

// Its standard output, up to 1 MiB; empty if it fails or is not there. Its standard input is
// /dev/null.
std::string output_of(const std::vector<std::string>& command);

}  // namespace reeve::cli
