#include "cli/reeved.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <sstream>

#include "cli/failure.h"
#include "cli/run.h"

namespace reeve::cli {

std::string find_reeved() {
  std::error_code ignored;
  const auto here = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
  std::vector<std::filesystem::path> places = {here, here.parent_path() / "sbin"};
  const char* path = std::getenv("PATH");
  std::istringstream parts(path == nullptr ? "" : path);
  for (std::string part; std::getline(parts, part, ':');) {
    if (!part.empty() && part[0] == '/') places.emplace_back(part);
  }
  for (const char* place : {"/usr/local/sbin", "/usr/sbin", "/sbin"}) places.emplace_back(place);
  for (const auto& place : places) {
    std::string program = place / "reeved";
    if (::access(program.c_str(), X_OK) == 0) return program;
  }
  throw Failure(kFailed, "cannot find reeved, which does this: is it installed?");
}

namespace {

Said told(std::vector<std::string> words, const std::vector<std::string>& arguments) {
  words.push_back(find_reeved());
  words.insert(words.end(), arguments.begin(), arguments.end());
  const Ran ran = run(std::move(words));
  Said said{ran.status, {}};
  std::istringstream text(ran.said);
  for (std::string line; std::getline(text, line);) {
    if (!line.empty()) said.lines.push_back(line);
  }
  if (said.lines.empty() && !ran.ok()) said.lines.emplace_back("reeved ended without saying why");
  return said;
}

// What `reeve setup` keeps there, as it has reeved.service load it.
std::vector<std::string> unit_with_credentials() {
  std::vector<std::string> words = {"systemd-run", "--quiet", "--pipe", "--wait", "--collect"};
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator("/etc/reeve/credentials", ignored)) {
    const bool sealed = entry.path().extension() == ".cred";
    const std::string name = sealed ? entry.path().stem() : entry.path().filename();
    words.push_back(std::string("--property=LoadCredential") + (sealed ? "Encrypted=" : "=") +
                    name + ":" + entry.path().string());
  }
  return words;
}

}  // namespace

Said run_reeved(const std::vector<std::string>& arguments) { return told({}, arguments); }

Said run_reeved_with_credentials(const std::vector<std::string>& arguments) {
  const bool possible = ::geteuid() == 0 && ::access("/run/systemd/system", F_OK) == 0 &&
                        std::getenv("CREDENTIALS_DIRECTORY") == nullptr;
  return told(possible ? unit_with_credentials() : std::vector<std::string>(), arguments);
}

}  // namespace reeve::cli
