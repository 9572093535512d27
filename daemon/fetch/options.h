// Options: the command line of reeve-fetch.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"

namespace reeve {

struct Options {
  std::string socket;  // empty: the one that was passed (LISTEN_FDS)
  std::string spool;
  std::string ca_file;
  std::optional<uid_t> peer_uid;  // default: this process's own
  bool help = false;
  bool version = false;
};

Result<Options> read_options(int count, char** arguments);
extern const char* const kUsage;

}  // namespace reeve
