// Options: the command line of reeve-attest.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"

namespace reeve {

struct AttesterOptions {
  std::string socket;             // empty: the one that was passed (LISTEN_FDS)
  std::optional<uid_t> peer_uid;  // default: this process's own
  // The engines' sockets by the name that reeved gives the engine.
  std::map<std::string, std::string> engines{{"docker", "/run/docker.sock"},
                                             {"podman", "/run/podman/podman.sock"}};
  uint64_t largest = uint64_t{256} * 1024 * 1024;  // of executables, in bytes
  bool help = false;
  bool version = false;
};

Result<AttesterOptions> read_attester_options(int count, char** arguments);
extern const char* const kAttesterUsage;

}  // namespace reeve
