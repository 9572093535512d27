#include "peer/namespaces.h"

#include <cstdint>
#include <sstream>

#include "peer/process.h"

namespace reeve {

bool maps_all_ids(std::string_view uid_map) {
  std::istringstream words{std::string(uid_map)};
  uint64_t inside = 1, outside = 1, count = 0;
  std::string more;
  return static_cast<bool>(words >> inside >> outside >> count) && inside == 0 && outside == 0 &&
         count == 4294967295u && !(words >> more);
}

bool has_one_pid(std::string_view status) {
  // The program's name, which it chooses itself, stands in the first line, its newlines escaped.
  std::istringstream lines{std::string(status)};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("NSpid:")) continue;
    std::istringstream words(line.substr(6));
    std::string first, second;
    return static_cast<bool>(words >> first) && !(words >> second);
  }
  return false;
}

void read_namespaces(Peer& peer) {
  if (const auto text = read_proc(peer.pid, "uid_map"))
    peer.initial_user_namespace = maps_all_ids(*text);
  if (const auto text = read_proc(peer.pid, "status"))
    peer.initial_pid_namespace = has_one_pid(*text);
}

}  // namespace reeve
