#include "reeved/evidence.h"

#include <algorithm>
#include <charconv>
#include <sstream>

namespace reeve {
namespace {

template <class Number>
bool read_number(const std::string& text, Number& number) {
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return !text.empty() && read.ec == std::errc() && read.ptr == end;
}

bool read_groups(const std::string& text, std::vector<gid_t>& groups) {
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, ',');) {
    gid_t group = 0;
    if (!read_number(part, group)) return false;
    groups.push_back(group);
  }
  std::sort(groups.begin(), groups.end());
  return true;
}

bool read_member(const std::string& name, const std::string& value, Peer& peer) {
  if (name == "pid") return read_number(value, peer.pid);
  if (name == "uid") return read_number(value, peer.uid);
  if (name == "gid") return read_number(value, peer.gid);
  if (name == "groups") return read_groups(value, peer.groups);
  if (name == "cgroup") return peer.cgroup = value, true;
  if (name == "unit") return peer.unit = value, true;
  if (name == "container") return peer.container = value, true;
  if (name == "scope") return peer.scope = value, true;
  if (name == "user_namespace") {
    peer.initial_user_namespace = value == "initial";
    return value == "initial" || value == "other";
  }
  return false;
}

}  // namespace

std::string read_evidence(const Json& evidence, Peer& peer) {
  peer.initial_user_namespace = true;
  for (const auto& [name, value] : *evidence.object()) {
    if (value.string() == nullptr || !read_member(name, *value.string(), peer)) return name;
  }
  return "";
}

}  // namespace reeve
