// engine_names: how container engines name the control groups that they make, one part of a path at
// a time.
//
//   systemd driver   docker-ID.scope, libpod-ID.scope, cri-containerd-ID.scope, crio-ID.scope,
//                    nerdctl-ID.scope
//   cgroupfs driver  docker/ID, libpod-ID, crio-ID, kubepods/.../podUID/ID (containerd),
//                    ecs/TASK/ID (Docker), and under Fargate ecs/TASK/TASK-NUMBER
//   pods             podUID, kubepods-CLASS-podUID.slice (dashes of the UID as underscores),
//                    machine-libpod_pod_ID.slice, and of Podman's cgroupfs driver the pod's bare id
// Pure. What none of these is has no name: it is no container's.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reeve {

// What stands above the part, as far as read.
struct EngineContext {
  std::string_view parent;              // the part directly above
  std::optional<std::string> ecs_task;  // below "ecs"
  std::optional<std::string> pod;
  bool kubernetes = false;
};

// "ENGINE:ID" of a container's part.
std::optional<std::string> container_of(std::string_view part, const EngineContext& above);
// A pod's id: a UID of Kubernetes with dashes, or 64 hexadecimal digits.
std::optional<std::string> pod_of(std::string_view part, const EngineContext& above);
// A task's id, of "TASK" in ecs/TASK and of "ecstasks-TASK.slice".
std::optional<std::string> ecs_task_of(std::string_view part, const EngineContext& above);
bool is_kubernetes(std::string_view part);

}  // namespace reeve
