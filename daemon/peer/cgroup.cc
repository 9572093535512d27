#include "peer/cgroup.h"

namespace reeve {
namespace {

constexpr size_t kPathBytes = 4096;
constexpr size_t kNameBytes = 255;

struct Engine {
  std::string_view prefix;  // of the last part: "docker-ID.scope", "libpod-ID"
  std::string_view name;
};
constexpr Engine kEngines[] = {{"docker-", "docker"},
                               {"libpod-", "podman"},
                               {"cri-containerd-", "containerd"},
                               {"crio-", "cri-o"}};

bool container_id(std::string_view text) {
  if (text.size() != 64) return false;
  for (const char c : text) {
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return false;
  }
  return true;
}

std::optional<std::string> container_name(std::string_view parent, std::string_view part) {
  // cgroupfs driver of Docker and of ECS: /docker/ID, /ecs/TASK/ID.
  if (parent == "docker" && container_id(part)) return "docker:" + std::string(part);
  if (part.ends_with(".scope")) part.remove_suffix(6);
  for (const Engine& engine : kEngines) {
    if (!part.starts_with(engine.prefix)) continue;
    const std::string_view id = part.substr(engine.prefix.size());
    if (container_id(id)) return std::string(engine.name) + ":" + std::string(id);
  }
  return std::nullopt;
}

bool unit_name(std::string_view part) {
  return part.ends_with(".service") || part.ends_with(".scope");
}

bool plain_path(std::string_view path) {
  if (path.empty() || path[0] != '/' || path.size() > kPathBytes) return false;
  for (const char c : path) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) return false;
  }
  return true;
}

}  // namespace

std::optional<CgroupNames> parse_cgroup(std::string_view text) {
  std::optional<std::string_view> found;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.starts_with("0::")) continue;
    // A name with a newline in it could look like a second line: then neither counts.
    if (found) return std::nullopt;
    found = line.substr(3);
  }
  if (!found || !plain_path(*found)) return std::nullopt;

  CgroupNames names;
  names.path = std::string(*found);
  if (names.path == "/") return names;
  std::string_view rest = names.path;
  std::string_view parent;
  size_t end = 0;
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the slash
    const std::string_view part = rest.substr(0, rest.find('/'));
    if (part.empty() || part == "." || part == ".." || part.size() > kNameBytes)
      return std::nullopt;
    rest.remove_prefix(part.size());
    end += 1 + part.size();
    const auto container = container_name(parent, part);
    if (container && !names.container) {
      names.container = container;
      names.scope_path = names.path.substr(0, end);
    }
    // The first one is systemd's own; what lies below it is its own to name.
    if (unit_name(part) && !names.unit) {
      names.unit = std::string(part);
      if (names.scope_path.empty()) names.scope_path = names.path.substr(0, end);
    }
    parent = part;
  }
  return names;
}

}  // namespace reeve
