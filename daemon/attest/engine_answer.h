// engine_answer: what an engine's JSON says of one container and of its image. Pure, bounded.
//
// The Docker Engine API's GET /containers/ID/json and GET /images/ID/json, which Podman speaks too.
// What is not plain text or too long is left out, one by one; an answer about another container, or
// about one that does not run, is none.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace reeve {

struct ContainerFacts {
  std::optional<std::string> name;   // without the slash that Docker writes before it
  std::optional<std::string> image;  // as it was started from
  std::vector<std::string> digests;  // "sha256:...": the image's id first
  std::map<std::string, std::string> labels;
};

constexpr size_t engine_answer_bytes = size_t{1024} * 1024;

Result<ContainerFacts> read_container(std::string_view answer, std::string_view id);
// The digests under which registries know the image ("name@sha256:..." in RepoDigests).
Result<std::vector<std::string>> read_image_digests(std::string_view answer);

}  // namespace reeve
