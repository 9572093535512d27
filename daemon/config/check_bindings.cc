#include <optional>

#include "config/plain_url.h"
#include "config/sections.h"

namespace reeve {
namespace {

std::string table_of(const BindingConfig& binding) { return "[binding." + binding.name + "]"; }

// The host of a binding's URL; empty where that is no URL, which is an error by now.
std::string host_of(const BindingConfig& binding) {
  const auto url = parse_plain_url(binding.url);
  return url ? url->host : std::string();
}

// Two binders must be told apart by the kernel, and by browsers: these send the cookies of one port
// to every port of its host, so that the other binder would get them.
void check_apart(const TomlNode& root, const BindingConfig& one, const BindingConfig& two,
                 ConfigReport& report) {
  if (!one.url.empty() && one.url == two.url) {
    report.error(place_of(root, "binding", two.name, "url"), table_of(two) + " url",
                 "is that of " + table_of(one) + " too: expected a URL of its own");
  } else if (!host_of(one).empty() && host_of(one) == host_of(two)) {
    report.error(place_of(root, "binding", two.name, "url"), table_of(two) + " url",
                 "shares its host, and so its cookies, with " + table_of(one) +
                     ": expected a host of its own");
  }
  const bool same_user = one.workload.empty() && two.workload.empty() && one.uid == two.uid;
  if (same_user || (!one.workload.empty() && one.workload == two.workload)) {
    const char* key = two.workload.empty() ? "user" : "workload";
    report.error(
        place_of(root, "binding", two.name, key), table_of(two) + " " + key,
        "may speak for " + table_of(one) + " too: expected a user or workload of its own for each");
  }
}

// Where the users of a workload are sent that names no binding.
std::optional<std::string> default_binding(const Config& config) {
  if (config.bindings.size() == 1) return config.bindings.begin()->first;
  if (config.bindings.contains("main")) return "main";
  return std::nullopt;
}

void settle_binding(const TomlNode& root, WorkloadConfig& workload, Reading& reading) {
  const auto error = [&](const std::string& text) {
    reading.report.error(place_of(root, "workload", workload.name, "binding"),
                         "[workload." + workload.name + "] binding", text);
  };
  if (workload.binding.empty()) {
    const auto binding = default_binding(reading.config);
    if (binding) workload.binding = *binding;
    else error("missing: expected the name of a binding, for there are several and none is main");
  } else if (!reading.config.bindings.contains(workload.binding)) {
    error("expected the name of a binding: there is no [binding." + workload.binding + "]");
  }
}

}  // namespace

void check_bindings(const TomlNode& root, Reading& reading) {
  Config& config = reading.config;
  if (config.bindings.empty()) {
    reading.report.error(
        root.place(), "[binding.main]",
        "missing: expected url = \"https://HOST\", where browsers reach reeve-bind");
    return;
  }
  for (auto two = config.bindings.begin(); two != config.bindings.end(); ++two) {
    const BindingConfig& binding = two->second;
    if (!binding.workload.empty() && !config.workloads.contains(binding.workload)) {
      reading.report.error(
          place_of(root, "binding", binding.name, "workload"), table_of(binding) + " workload",
          "expected the name of a workload: there is no [workload." + binding.workload + "]");
    }
    for (auto one = config.bindings.begin(); one != two; ++one) {
      check_apart(root, one->second, binding, reading.report);
    }
  }
  for (auto& [name, workload] : config.workloads) settle_binding(root, workload, reading);
}

}  // namespace reeve
