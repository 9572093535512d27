// Texts of configurations, and a host with a few accounts.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>

#include "config/read_config.h"

namespace reeve {

inline ConfigOptions test_options() {
  ConfigOptions options;
  options.same_user = true;
  options.preset_directory = "/nonexistent";
  options.accounts.user = [](const std::string& name) -> std::optional<uid_t> {
    if (name == "alice") return 1001;
    return std::nullopt;
  };
  options.accounts.group = [](const std::string& name) -> std::optional<gid_t> {
    if (name == "agents") return 2000;
    return std::nullopt;
  };
  return options;
}

// One line each, so that the lines of errors are easy to count.
inline const std::string binding = "[binding.main]\nurl = \"https://agents.example.com\"\n";
inline const std::string issuer =
    "[issuer.corp]\nissuer = \"https://login.example.com\"\nclient_id = \"reeve\"\n";
inline const std::string provider =
    "[provider.p]\nissuer = \"https://p.example\"\nclient_id = \"c\"\n";

inline Config accepted(const std::string& text, const ConfigOptions& options = test_options()) {
  auto outcome = read_config_text(text, options);
  for (const std::string& error : outcome.errors) ADD_FAILURE() << error;
  EXPECT_EQ(outcome.config.has_value(), outcome.errors.empty());
  return outcome.config.value_or(Config());
}

using Lines = std::vector<std::string>;

inline Lines errors_of(const std::string& text, const ConfigOptions& options = test_options()) {
  const auto outcome = read_config_text(text, options, "f");
  EXPECT_EQ(outcome.config.has_value(), outcome.errors.empty());
  return outcome.errors;
}

// A directory that goes with the test.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    char name[] = "/tmp/reeve-config-XXXXXX";
    if (const char* made = ::mkdtemp(name)) path_ = made;
    EXPECT_FALSE(path_.empty());
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    const std::string path = path_ + "/" + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path) << text;
    return path;
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace reeve
