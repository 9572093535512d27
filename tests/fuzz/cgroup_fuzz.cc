// Arbitrary text as /proc/PID/cgroup: never a crash; every name is a part of the path, between
// slashes; nothing that is not root's is named.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "peer/cgroup.h"
#include "peer/cgroup_tree.h"

namespace {

void check(bool holds) {
  if (!holds) std::abort();
}

void check_part(const std::string& path, const std::optional<reeve::CgroupName>& name) {
  if (!name) return;
  check(name->begin < name->end && name->end <= path.size() && path[name->begin] == '/');
  check(name->end == path.size() || path[name->end] == '/');
  check(path.substr(name->begin + 1, name->end - name->begin - 1).find('/') == std::string::npos);
  check(!name->name.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto names =
      reeve::parse_cgroup(std::string_view(reinterpret_cast<const char*>(data), size));
  if (!names) return 0;
  check(names->path.front() == '/' && names->path.find("/../") == std::string::npos);
  check_part(names->path, names->unit);
  check_part(names->path, names->container);
  check_part(names->path, names->pod);
  check_part(names->path, names->ecs_task);
  for (const auto& slice : names->slices) check_part(names->path, slice);
  reeve::Peer peer;
  reeve::name_peer(peer, *names, {0, 1000});
  check(!peer.container && !peer.pod && !peer.ecs_task && peer.slices.empty());
  return 0;
}
