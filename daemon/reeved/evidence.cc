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

std::vector<std::string> split(const std::string& text, char mark) {
  std::vector<std::string> list;
  std::istringstream parts(text);
  for (std::string part; std::getline(parts, part, mark);) list.push_back(part);
  return list;
}

bool read_which(const std::string& value, bool& initial) {
  initial = value == "initial";
  return initial || value == "other";
}

// Members that are one text.
std::optional<std::string>* text_member(const std::string& name, Peer& peer) {
  if (name == "cgroup") return &peer.cgroup;
  if (name == "unit") return &peer.unit;
  if (name == "container") return &peer.container;
  if (name == "pod") return &peer.pod;
  if (name == "ecs_task") return &peer.ecs_task;
  if (name == "lsm") return &peer.lsm;
  if (name == "executable") return &peer.attested.executable;
  if (name == "sha256") return &peer.attested.sha256;
  if (name == "container_name") return &peer.attested.container_name;
  if (name == "image") return &peer.attested.image;
  return nullptr;
}

bool read_rootless(const std::string& name, const std::string& value, Peer& peer) {
  if (!peer.rootless) peer.rootless = Rootless{};
  if (name == "rootless") return peer.rootless->engine = value, true;
  return read_number(value, peer.rootless->owner);
}

bool read_member(const std::string& name, const std::string& value, Peer& peer) {
  if (auto* text = text_member(name, peer)) return *text = value, true;
  if (name == "pid") return read_number(value, peer.pid);
  if (name == "uid") return read_number(value, peer.uid);
  if (name == "gid") return read_number(value, peer.gid);
  if (name == "groups") return read_groups(value, peer.groups);
  if (name == "slice") return peer.slices = split(value, '/'), true;
  if (name == "rootless" || name == "rootless_owner") return read_rootless(name, value, peer);
  if (name == "image_digest") return peer.attested.image_digests = split(value, ','), true;
  if (name.starts_with("label.")) return peer.attested.labels[name.substr(6)] = value, true;
  if (name == "scope") return peer.scope = value, true;
  if (name == "user_namespace") return read_which(value, peer.initial_user_namespace);
  if (name == "pid_namespace") return read_which(value, peer.initial_pid_namespace);
  bool initial = false;
  if (name != "mount_namespace" || !read_which(value, initial)) return false;
  peer.attested.initial_mount_namespace = initial;
  return true;
}

}  // namespace

std::string read_evidence(const Json& evidence, Peer& peer) {
  peer.initial_user_namespace = true;
  peer.initial_pid_namespace = true;
  for (const auto& [name, value] : *evidence.object()) {
    if (value.string() == nullptr || !read_member(name, *value.string(), peer)) return name;
  }
  return "";
}

}  // namespace reeve
