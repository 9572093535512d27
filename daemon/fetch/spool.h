// Spool: the directory in which sealed answers wait, and marks of the requests that were begun.
//
//   epoch     32 hexadecimal digits, random; made anew when it is missing: whoever removed it may
//   have
//             removed answers too
//   ID.part   the request ID was begun; made durable, with room for its answer, before a byte is
//   sent ID        its answer, sealed; ID.part, written, synced and renamed
//
// So an answer never fails for want of space, and a request whose answer is unknown after a crash
// is known as one that may have been sent. The directory is this process's alone (mode 0700,
// locked). The functions block: off the loop, but for erase(). They touch nothing but the
// directory, so any thread may call them.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"

namespace reeve {

class Spool final {
 public:
  // Makes the directory if it is missing.
  static Result<std::unique_ptr<Spool>> open(const std::string& path);

  const std::string& epoch() const { return epoch_; }
  // What was there at the start: ids with an answer, and ids begun without one.
  const std::vector<std::string>& answered() const { return answered_; }
  const std::vector<std::string>& begun() const { return begun_; }

  // Code::conflict: there already.
  Result<void> reserve(const std::string& id, int64_t bytes) const;
  Result<void> store(const std::string& id, std::string_view sealed) const;
  Result<std::string> read(const std::string& id) const;
  // Gives the room back and keeps the mark.
  void release(const std::string& id) const;
  // Both files. Not synced: what comes back after a crash is erased again.
  void erase(const std::string& id) const;

 private:
  Spool() = default;
  Result<void> list();
  Result<void> read_epoch();
  Result<void> make_epoch();

  Fd directory_;
  std::string epoch_;
  std::vector<std::string> answered_;
  std::vector<std::string> begun_;
};

// [A-Za-z0-9_-]{16,64}
bool is_fetch_id(std::string_view id);

}  // namespace reeve
