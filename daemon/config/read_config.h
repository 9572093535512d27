// read_config: the operator's files -> Config, or every error that is in them.
//
// The main file and the drop-ins beside it (conf.d/*.toml, in the order of their names) are read
// once and form one document: each table is written in one file only. Every error reads `FILE:LINE:
// [table] key: what was expected`. Secrets are not loaded and nothing is contacted.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"

namespace reeve {

// Names of the host's users and groups -> numbers. By default getpwnam(3) and getgrnam(3).
struct AccountNames {
  std::function<std::optional<uid_t>(const std::string&)> user;
  std::function<std::optional<gid_t>(const std::string&)> group;
  static AccountNames of_host();
};

struct ConfigOptions {
  // Development: whoever is not named in [daemon] is the one who runs this.
  bool same_user = false;
  std::string preset_directory = "/usr/share/reeve/providers";
  // Empty: "conf.d" beside the main file. It need not exist.
  std::string drop_in_directory;
  AccountNames accounts = AccountNames::of_host();
};

// Either a config, or at least one error; warnings with both.
struct ConfigOutcome {
  std::optional<Config> config;
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
};

ConfigOutcome read_config(const std::string& main_file, const ConfigOptions& options);
// The same of one text in memory, which messages call `file`. Presets are still files.
ConfigOutcome read_config_text(std::string_view text, const ConfigOptions& options,
                               const std::string& file = "reeve.toml");

}  // namespace reeve
