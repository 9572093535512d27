#include "peer/process.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "base/fd.h"
#include "peer/attest.h"

namespace reeve {
namespace {

constexpr size_t kFileBytes = size_t{64} * 1024;

std::string proc(pid_t pid, const char* name) {
  return "/proc/" + std::to_string(pid) + "/" + name;
}

}  // namespace

Result<uint64_t> start_time(pid_t pid) {
  auto text = read_file(proc(pid, "stat"), kFileBytes);
  if (!text) return in("the peer's start time", std::move(text).error());
  // The second field is the program's name in brackets and may hold anything, brackets too.
  const size_t bracket = text->rfind(')');
  std::istringstream fields(bracket == std::string::npos ? "" : text->substr(bracket + 1));
  std::string field;
  for (int number = 3; number <= 22; ++number) fields >> field;
  uint64_t value = 0;
  const auto end = field.data() + field.size();
  if (field.empty() || std::from_chars(field.data(), end, value).ptr != end) {
    return Error{Code::corrupt, "the peer's start time cannot be read"};
  }
  return value;
}

Result<void> read_credentials(pid_t pid, Peer& peer) {
  REEVE_TRY(const std::string text, read_file(proc(pid, "status"), kFileBytes));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    unsigned long real = 0, effective = 0;
    words >> name;
    if (name == "Uid:" && words >> real >> effective) peer.uid = static_cast<uid_t>(effective);
    if (name == "Gid:" && words >> real >> effective) peer.gid = static_cast<gid_t>(effective);
    if (name == "Groups:") {
      for (unsigned long group = 0; words >> group;)
        peer.groups.push_back(static_cast<gid_t>(group));
    }
  }
  std::sort(peer.groups.begin(), peer.groups.end());
  return {};
}

bool in_initial_user_namespace(pid_t pid) {
  const auto text = read_file(proc(pid, "uid_map"), kFileBytes);
  if (!text) return false;
  std::istringstream words(*text);
  uint64_t inside = 1, outside = 1, count = 0;
  std::string more;
  return static_cast<bool>(words >> inside >> outside >> count) && inside == 0 && outside == 0 &&
         count == 4294967295u && !(words >> more);
}

const std::string& cgroup_root() {
  static const std::string root = [] {
    for (const char* path : {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"}) {
      if (::access((std::string(path) + "/cgroup.procs").c_str(), F_OK) == 0)
        return std::string(path);
    }
    return std::string();
  }();
  return root;
}

Result<std::string> boot_id() {
  REEVE_TRY(std::string text, read_file("/proc/sys/kernel/random/boot_id", 64));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::map<std::string, std::string> Peer::evidence() const {
  std::map<std::string, std::string> all;
  all["pid"] = std::to_string(pid);
  all["uid"] = std::to_string(uid);
  all["gid"] = std::to_string(gid);
  std::string list;
  for (const gid_t group : groups) list += (list.empty() ? "" : ",") + std::to_string(group);
  if (!list.empty()) all["groups"] = list;
  if (cgroup) all["cgroup"] = *cgroup;
  if (unit) all["unit"] = *unit;
  if (container) all["container"] = *container;
  all["user_namespace"] = initial_user_namespace ? "initial" : "other";
  all["scope"] = scope;
  return all;
}

}  // namespace reeve
