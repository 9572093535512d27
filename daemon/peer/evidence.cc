// Peer::evidence(): all that is known of a caller as text, for WhoAmI, the audit and explanations.
#include "peer/peer.h"

namespace reeve {
namespace {

using Texts = std::map<std::string, std::string>;

template <class List, class Show>
std::string joined(const List& list, char mark, Show show) {
  std::string text;
  for (const auto& item : list) {
    if (!text.empty()) text += mark;
    text += show(item);
  }
  return text;
}

void put(Texts& all, const char* name, const std::optional<std::string>& value) {
  if (value) all[name] = *value;
}

const char* which(bool initial) { return initial ? "initial" : "other"; }

void add_attested(Texts& all, const Attestation& attested) {
  put(all, "executable", attested.executable);
  put(all, "sha256", attested.sha256);
  if (attested.initial_mount_namespace)
    all["mount_namespace"] = which(*attested.initial_mount_namespace);
  put(all, "container_name", attested.container_name);
  put(all, "image", attested.image);
  if (!attested.image_digests.empty()) {
    all["image_digest"] =
        joined(attested.image_digests, ',', [](const std::string& digest) { return digest; });
  }
  for (const auto& [name, value] : attested.labels) all["label." + name] = value;
}

}  // namespace

Texts Peer::evidence() const {
  const auto itself = [](const std::string& text) { return text; };
  Texts all;
  all["pid"] = std::to_string(pid);
  all["uid"] = std::to_string(uid);
  all["gid"] = std::to_string(gid);
  const std::string list = joined(groups, ',', [](gid_t group) { return std::to_string(group); });
  if (!list.empty()) all["groups"] = list;
  put(all, "cgroup", cgroup);
  put(all, "unit", unit);
  if (!slices.empty()) all["slice"] = joined(slices, '/', itself);
  put(all, "container", container);
  put(all, "pod", pod);
  put(all, "ecs_task", ecs_task);
  if (rootless) {
    all["rootless"] = rootless->engine;
    all["rootless_owner"] = std::to_string(rootless->owner);
  }
  put(all, "lsm", lsm);
  all["user_namespace"] = which(initial_user_namespace);
  all["pid_namespace"] = which(initial_pid_namespace);
  add_attested(all, attested);
  all["scope"] = scope;
  return all;
}

}  // namespace reeve
