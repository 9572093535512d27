// docker-credential: docker's credential helper (docker-credential-helpers), for registries that
// take an access token as the password.
//
// docker tells a helper a registry and nothing else, so a file says whose token each one gets. It
// answers for no other registry.
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>

#include "cli/failure.h"
#include "cli/lend.h"
#include "cli/origin.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

constexpr size_t kMaxInput = size_t{64} * 1024;
// The client knows this very text, and asks without credentials then.
constexpr const char* kNotFound = "credentials not found in native keychain";

struct Registry {
  std::string host, provider, username;
  std::vector<std::string> scopes;
};

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::string map_file(const Options& options) {
  if (options.adapters.docker.map) return *options.adapters.docker.map;
  if (std::string named = variable("REEVE_DOCKER_REGISTRIES"); !named.empty()) return named;
  std::string config = variable("XDG_CONFIG_HOME");
  if (config.empty()) config = variable("HOME") + "/.config";
  return config + "/reeve/docker-registries";
}

// Whoever may write the file says where tokens go.
void check_owner(const std::string& name) {
  struct stat seen = {};
  if (::stat(name.c_str(), &seen) != 0) {
    throw Failure(kFailed,
                  "no registries are named: write lines 'REGISTRY PROVIDER [USERNAME "
                  "[SCOPE...]]' to " +
                      plain(name));
  }
  if ((seen.st_uid != 0 && seen.st_uid != ::geteuid()) ||
      (seen.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    throw Failure(kFailed, plain(name) +
                               " is not yours or root's alone to write: chown it, and "
                               "chmod go-w it");
  }
}

// "ghcr.io", from however the client writes a registry; empty if it is none.
std::string host_of(std::string_view url) {
  const bool schemed = url.find("://") != std::string_view::npos;
  const auto origin = schemed ? parse_origin(url) : parse_origin("https://" + std::string(url));
  if (!origin) return "";
  return origin->port.empty() ? origin->host : origin->host + ":" + origin->port;
}

std::vector<Registry> read_map(const Options& options) {
  const std::string name = map_file(options);
  check_owner(name);
  std::ifstream file(name);
  std::vector<Registry> found;
  std::string line;
  for (int number = 1; std::getline(file, line); ++number) {
    std::istringstream words(line.substr(0, line.find('#')));
    Registry row;
    std::string host;
    if (!(words >> host)) continue;
    row.host = host_of(host);
    if (row.host.empty() || !(words >> row.provider)) {
      throw Failure(kFailed, plain(name) + ":" + std::to_string(number) +
                                 ": 'REGISTRY PROVIDER [USERNAME [SCOPE...]]' is expected");
    }
    if (!(words >> row.username)) row.username = convention_of(row.provider).username;
    std::copy(std::istream_iterator<std::string>(words), {}, std::back_inserter(row.scopes));
    found.push_back(row);
  }
  return found;
}

std::string read_input() {
  std::string text(kMaxInput + 1, '\0');
  std::cin.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<size_t>(std::cin.gcount()));
  if (text.size() > kMaxInput) throw Failure(kUsage, "standard input is too long");
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  return text;
}

int get(const Options& options) {
  const std::string url = read_input();
  const std::string host = host_of(url);
  for (const Registry& row : read_map(options)) {
    if (row.host != host) continue;
    Options own = options;
    own.token.provider = row.provider;
    if (own.token.scopes.empty()) own.token.scopes = row.scopes;
    Value told;
    told.set("ServerURL", url).set("Username", row.username);
    told.set("Secret", lend(own).need_text("access_token"));
    print(told.dump());
    return kOk;
  }
  throw Failure(kFailed, kNotFound);
}

int list(const Options& options) {
  Value told;
  for (const Registry& row : read_map(options)) told.set(row.host, row.username);
  print(told.dump());
  return kOk;
}

int run(const Options& options) {
  const std::string& operation = options.adapters.docker.operation;
  if (operation == "get") return get(options);
  if (operation == "list") return list(options);
  if (operation == "version") {
    print(std::string("docker-credential-reeve (Reeve) ") + REEVE_VERSION);
    return kOk;
  }
  read_input();
  if (operation == "store") {
    throw Failure(kFailed, "nothing is stored here: Reeve lends the user's token, by `get`");
  }
  return kOk;  // erase, at logout: nothing was kept
}

}  // namespace

// The client reads what went wrong from standard output.
int docker_credential(const Options& options) {
  try {
    return run(options);
  } catch (const Failure& failure) {
    print(failure.text == kNotFound ? failure.text : "reeve: " + failure.text);
    return kFailed;
  }
}

}  // namespace reeve::cli
