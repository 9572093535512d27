// Program: runs the reeve of $REEVE_CLI against a false daemon and keeps what it said.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace reeve::test {

struct Ran {
  int status = -1;
  std::string out, err;
};

class Program final {
 public:
  // name=value, for its environment; beside these it has PATH and TZ=UTC only.
  Program& with(const std::string& variable);
  // What it reads, on a terminal of its own.
  Program& typing(const std::string& text);
  // What it reads, from this file.
  Program& reading(const std::string& file);
  // The name it is called by, instead of "reeve".
  Program& called(const std::string& name);
  // Run by this user; for tests that run as root.
  Program& as(unsigned uid);
  // Where standard output goes instead.
  Program& to(const std::string& file);

  Ran run(const std::vector<std::string>& arguments) const;

 private:
  std::vector<std::string> variables_;
  std::optional<std::string> typed_;
  std::optional<unsigned> uid_;
  std::optional<std::string> file_, input_;
  std::string name_ = "reeve";
};

}  // namespace reeve::test
