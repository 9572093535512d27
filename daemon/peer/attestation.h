// Attestation: what reeve-attest says of a caller: what takes privileges to read.
//
// All of it is absent without reeve-attest, and where it could not tell in time. What a container's
// image, labels and name are is the word of the engine that root runs, asked by the container's
// full id; a rootless engine is never asked.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace reeve {

struct Attestation {
  // The path of the running file, only where this host's file of that name is the one that runs: a
  // container, a private mount or a passed descriptor can show any path.
  std::optional<std::string> executable;
  std::optional<std::string> sha256;  // of the running file itself, hexadecimal
  std::optional<bool> initial_mount_namespace;
  std::optional<std::string> container_name;
  std::optional<std::string> image;  // as the container was started from: "registry/app:1"
  std::vector<std::string>
      image_digests;  // "sha256:...": the image's id and its registries' digests
  std::map<std::string, std::string> labels;

  bool operator==(const Attestation&) const = default;
};

// What to ask it for.
struct AttestationWanted {
  bool executable = false;  // path and digest
  bool namespaces = false;
  bool container = false;  // image, digests, labels, name

  bool any() const { return executable || namespaces || container; }
};

}  // namespace reeve
