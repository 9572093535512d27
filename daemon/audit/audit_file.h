// AuditFile: the audit's file on disk: found again after a crash, written line by line, put aside
// when it is full.
//
// It knows lines and where a chain ends, not what records mean. Files that were put aside bear the
// number of their last record: FILE.000000001234. All of it is on the loop's thread; only syncing
// is handed out (duplicate(), for the thread pool).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "audit/chain.h"
#include "base/fd.h"

namespace reeve {

// What lies behind the last whole record: of a crash in the middle of a write, or of a torn disk.
struct TornEnd {
  uint64_t octets = 0;
  std::string hash;  // SHA-256
};

class AuditFile final {
 public:
  // Opens or makes the file (mode 0600). Code::corrupt: it holds something, but no record of ours;
  // nothing was changed.
  static Result<AuditFile> open(const std::string& path);

  // Where its chain ends; in an empty file that of the newest file that was put aside.
  const ChainPoint& end() const { return end_; }
  const std::optional<TornEnd>& torn() const { return torn_; }
  off_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // With one write(2), whole or not at all. A torn end is closed by a newline first.
  Result<void> append(std::string_view line);
  // Gives the file its number and begins an empty one in its place; on an error nothing changes.
  Result<void> put_aside(const ChainPoint& end);
  // True if the path names another file, or none: somebody else has moved ours.
  bool moved() const;
  Result<void> reopen();
  // All but the newest `keep` files that were put aside are removed; their names.
  std::vector<std::string> remove_oldest(size_t keep) const;

  Fd duplicate() const;
  const std::string& path() const { return path_; }

 private:
  AuditFile(std::string path, Fd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  Result<void> find_end();

  std::string path_;
  Fd fd_;
  off_t size_ = 0;
  bool needs_newline_ = false;
  ChainPoint end_;
  std::optional<TornEnd> torn_;
};

// The files of one audit that were put aside, oldest first.
std::vector<std::string> files_put_aside(const std::string& path);

}  // namespace reeve
