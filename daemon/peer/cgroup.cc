#include "peer/cgroup.h"

#include <algorithm>

#include "peer/engine_names.h"

namespace reeve {
namespace {

constexpr size_t kPathBytes = 4096;
constexpr size_t kNameBytes = 255;
constexpr size_t kParts = 64;

bool unit_name(std::string_view part) {
  const size_t suffix = part.ends_with(".service") ? 8 : part.ends_with(".scope") ? 6 : 0;
  return suffix > 0 && part.size() > suffix;
}

bool slice_name(std::string_view part) { return part.ends_with(".slice") && part.size() > 6; }

bool plain_path(std::string_view path) {
  if (path.empty() || path[0] != '/' || path.size() > kPathBytes) return false;
  return std::none_of(path.begin(), path.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

// The path of the one "0::" line.
std::optional<std::string_view> unified_path(std::string_view text) {
  std::optional<std::string_view> found;
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.starts_with("0::")) continue;
    // A name with a newline in it could look like a second line: then neither counts.
    if (found) return std::nullopt;
    found = line.substr(3);
  }
  return found;
}

// Takes the parts one after the other, outermost first.
class Naming {
 public:
  explicit Naming(CgroupNames& names) : names_(names) {}

  void take(std::string_view part, size_t begin) {
    const auto name = [&](std::string text) {
      return CgroupName{std::move(text), begin, begin + 1 + part.size()};
    };
    if (slice_name(part) && !names_.unit) names_.slices.push_back(name(std::string(part)));
    if (!names_.container) take_engine(part, name);
    if (unit_name(part) && !names_.unit) names_.unit = name(std::string(part));
    above_.parent = part;
    above_.kubernetes = above_.kubernetes || is_kubernetes(part);
  }

 private:
  template <class Name>
  void take_engine(std::string_view part, const Name& name) {
    if (auto container = container_of(part, above_)) {
      names_.container = name(std::move(*container));
    } else if (auto pod = pod_of(part, above_)) {
      above_.pod = *pod;
      names_.pod = name(std::move(*pod));
    } else if (auto task = ecs_task_of(part, above_)) {
      above_.ecs_task = *task;
      names_.ecs_task = name(std::move(*task));
    }
  }

  CgroupNames& names_;
  EngineContext above_;
};

}  // namespace

std::optional<CgroupNames> parse_cgroup(std::string_view text) {
  const auto found = unified_path(text);
  if (!found || !plain_path(*found)) return std::nullopt;
  CgroupNames names;
  names.path = std::string(*found);
  if (names.path == "/") return names;
  Naming naming(names);
  const std::string_view path = names.path;
  size_t count = 0;
  for (size_t begin = 0; begin < path.size();) {
    const size_t slash = path.find('/', begin + 1);
    const std::string_view part = path.substr(begin + 1, slash - begin - 1);
    if (part.empty() || part == "." || part == ".." || part.size() > kNameBytes ||
        ++count > kParts) {
      return std::nullopt;
    }
    naming.take(part, begin);
    begin = slash == std::string_view::npos ? path.size() : slash;
  }
  // Neither means anything without its container.
  if (!names.container) names.pod = names.ecs_task = std::nullopt;
  return names;
}

}  // namespace reeve
