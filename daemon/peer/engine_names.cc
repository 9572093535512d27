#include "peer/engine_names.h"

#include <algorithm>

namespace reeve {
namespace {

struct Engine {
  std::string_view prefix;
  std::string_view name;
};
// The longer of two that begin alike stands first. Monitors ("libpod-conmon-ID", "crio-conmon-ID")
// are none: "conmon-ID" is no id.
constexpr Engine kEngines[] = {{"docker-", "docker"},      {"libpod-payload-", "podman"},
                               {"libpod-", "podman"},      {"cri-containerd-", "containerd"},
                               {"nerdctl-", "containerd"}, {"crio-", "cri-o"}};

bool hexadecimal(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool full_id(std::string_view text) { return text.size() == 64 && hexadecimal(text); }

bool task_id(std::string_view text) { return text.size() == 32 && hexadecimal(text); }

bool digits(std::string_view text) {
  return !text.empty() && text.size() <= 20 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// RFC 9562's text form, 8-4-4-4-12; or the 32 digits of a static pod, which have no dashes.
std::optional<std::string> pod_uid(std::string_view text) {
  std::string uid(text);
  std::replace(uid.begin(), uid.end(), '_', '-');
  if (uid.size() == 32 && hexadecimal(uid)) return uid;
  if (uid.size() != 36) return std::nullopt;
  for (size_t i = 0; i < uid.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? uid[i] != '-' : !hexadecimal(uid.substr(i, 1))) return std::nullopt;
  }
  return uid;
}

std::string named(std::string_view engine, std::string_view id) {
  return std::string(engine) + ":" + std::string(id);
}

}  // namespace

std::optional<std::string> container_of(std::string_view part, const EngineContext& above) {
  if (full_id(part)) {
    if (above.parent == "docker" || above.ecs_task) return named("docker", part);
    if (above.kubernetes && above.pod) return named("containerd", part);
    return std::nullopt;
  }
  if (above.ecs_task && part.starts_with(*above.ecs_task + "-") &&
      digits(part.substr(above.ecs_task->size() + 1))) {
    return named("fargate", part);
  }
  if (part.ends_with(".scope")) part.remove_suffix(6);
  for (const Engine& engine : kEngines) {
    if (!part.starts_with(engine.prefix)) continue;
    const std::string_view id = part.substr(engine.prefix.size());
    if (full_id(id)) return named(engine.name, id);
  }
  return std::nullopt;
}

std::optional<std::string> pod_of(std::string_view part, const EngineContext& above) {
  const bool slice = part.ends_with(".slice");
  if (slice) part.remove_suffix(6);
  if (above.kubernetes) {
    const size_t pod = slice ? part.rfind("-pod") : 0;
    if (pod == std::string_view::npos || !part.substr(slice ? pod + 1 : 0).starts_with("pod"))
      return std::nullopt;
    return pod_uid(part.substr(slice ? pod + 4 : 3));
  }
  constexpr std::string_view podman = "libpod_pod_";
  const size_t at = part.find(podman);
  if (slice && at != std::string_view::npos && full_id(part.substr(at + podman.size())))
    return std::string(part.substr(at + podman.size()));
  if (above.parent == "libpod_parent" && full_id(part)) return std::string(part);
  return std::nullopt;
}

std::optional<std::string> ecs_task_of(std::string_view part, const EngineContext& above) {
  constexpr std::string_view prefix = "ecstasks-";
  if (above.parent == "ecs" && task_id(part)) return std::string(part);
  if (above.parent == "ecstasks.slice" && part.starts_with(prefix) && part.ends_with(".slice")) {
    part.remove_prefix(prefix.size());
    part.remove_suffix(6);
    if (task_id(part)) return std::string(part);
  }
  return std::nullopt;
}

bool is_kubernetes(std::string_view part) { return part == "kubepods" || part == "kubepods.slice"; }

}  // namespace reeve
