// Environment: a clean set of REEVE_ variables for one test; what was there before comes back.
#pragma once

#include <cstdlib>
#include <map>
#include <optional>
#include <string>

namespace reeve::test {

class Environment final {
 public:
  Environment() {
    for (const char* name : {"REEVE_SOCKET", "REEVE_ADMIN_SOCKET", "REEVE_DAEMON_UID",
                             "REEVE_SESSION", "REEVE_USER_TOKEN_FILE", "XDG_RUNTIME_DIR"}) {
      const char* value = std::getenv(name);
      before_[name] = value == nullptr ? std::nullopt : std::optional<std::string>(value);
      ::unsetenv(name);
    }
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() {
    for (const auto& [name, value] : before_) {
      if (value) ::setenv(name.c_str(), value->c_str(), 1);
      else ::unsetenv(name.c_str());
    }
  }
  void set(const char* name, const std::string& value) { ::setenv(name, value.c_str(), 1); }

 private:
  std::map<std::string, std::optional<std::string>> before_;
};

}  // namespace reeve::test
