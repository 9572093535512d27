// Arbitrary text as /proc/PID/cgroup: never a crash; the scope's directory is always a prefix of
// the path, on a slash.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "peer/cgroup.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto names =
      reeve::parse_cgroup(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!names) return 0;
  const std::string& scope = names->scope_path;
  if (!names->path.starts_with(scope)) std::abort();
  if (!scope.empty() && names->path.size() > scope.size() && names->path[scope.size()] != '/')
    std::abort();
  if (names->path.find("..") != std::string::npos && names->path.find("/../") != std::string::npos)
    std::abort();
  if ((names->unit || names->container) && scope.empty()) std::abort();
  return 0;
}
