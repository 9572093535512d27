// HeadFile: the last checkpoint, kept beside the log in FILE.head, so that a cut of the log is
// known.
//
// Written whole or not at all, and synced, which a busy disk may take long for: from any thread,
// one at a time, and never an older checkpoint over a newer one.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>

#include "audit/chain.h"
#include "base/result.h"

namespace reeve {

// Whole or not at all, under its name; synced.
Result<void> replace_file(const std::string& path, std::string_view text);

class HeadFile final {
 public:
  explicit HeadFile(std::string path) : path_(std::move(path)) {}
  HeadFile(const HeadFile&) = delete;
  HeadFile& operator=(const HeadFile&) = delete;

  // What was kept, if `key` signed it.
  ChainPoint read(const SigningKey& key) const;
  // `line`: the checkpoint, which is that record. What fails is logged.
  void keep(uint64_t sequence, const std::string& line);

 private:
  const std::string path_;
  std::mutex mutex_;
  uint64_t kept_ = 0;
};

}  // namespace reeve
