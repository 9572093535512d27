// Findings: what doctor found: told as it is found or, for --json, at the end.
#pragma once

#include <sys/types.h>

#include <string>

#include "cli/json.h"

namespace reeve::cli {

class Findings final {
 public:
  explicit Findings(bool json) : json_(json) {}

  // advice: a command, or a sentence; empty: there is nothing to do.
  void ok(const std::string& part, const std::string& text) { tell("ok", part, text); }
  void warning(const std::string& part, const std::string& text, const std::string& advice = "") {
    tell("warning", part, text, advice);
  }
  void failed(const std::string& part, const std::string& text, const std::string& advice = "") {
    tell("failed", part, text, advice);
  }
  void tell(const std::string& outcome, const std::string& part, const std::string& text,
            const std::string& advice = "");

  // That `path`, if it is there, is this user's and nobody else has rights in it.
  void closed(const std::string& path, uid_t owner);

  // The exit status.
  int end() const;

 private:
  const bool json_;
  Value::List found_;
  int failures_ = 0;
};

}  // namespace reeve::cli
