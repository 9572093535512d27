// run: another program of the system's, to its end: what it is given, what it says, how it ended.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace reeve::cli {

struct Ran {
  int status = -1;   // its exit status; 127 and more: it was not there or died by a signal
  std::string said;  // on both of its outputs
  bool ok() const { return status == 0; }
};

// words[0]: an absolute path, or looked up in the system's directories (never in $PATH). `input`
// comes on its standard input and may be a secret; it is at most what a pipe holds (64 KiB). Throws
// Failure where nothing could be started.
Ran run(std::vector<std::string> words, std::string_view input = {});

}  // namespace reeve::cli
