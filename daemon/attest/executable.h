// executable: which file a process runs, by the open file and not by its name.
//
// /proc/PID/exe is the running file itself, whatever lies at its path by now; while it runs nobody
// can write to it (ETXTBSY). The digest is of that file, kept by device, inode, size and time of
// change. The path counts only where this host's file of that name is the same file: a container, a
// private mount namespace or a descriptor passed out of one can show any path. Of an interpreter it
// is the interpreter's.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "attest/turnstile.h"

namespace reeve {

struct ExecutableFacts {
  std::optional<std::string> path, sha256;
  std::string problem;  // why one of them is absent
};

class Executables final {
 public:
  // `largest`: files over this size are not read.
  Executables(Loop& loop, uint64_t largest) : loop_(loop), largest_(largest), stile_(loop, 2) {}

  Task<ExecutableFacts> read(pid_t pid);

  size_t kept() const { return digests_.size(); }

 private:
  struct FileKey {
    uint64_t device = 0, inode = 0, size = 0;
    int64_t seconds = 0, nanoseconds = 0;  // of the last change
    auto operator<=>(const FileKey&) const = default;
  };
  struct Opened;
  static Opened open(pid_t pid);
  static std::optional<std::string> digest(int fd, const FileKey& key);

  Loop& loop_;
  const uint64_t largest_;
  Turnstile stile_;
  std::map<FileKey, std::string> digests_;
};

}  // namespace reeve
