// Fd: a file descriptor with one owner, closed when it dies.
#pragma once

#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace reeve {

class Fd {
 public:
  Fd() = default;
  explicit Fd(int number) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      reset();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  ~Fd() { reset(); }

  int get() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }
  int release() { return std::exchange(number_, -1); }
  void reset() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }

 private:
  int number_ = -1;
};

// The whole of a file of at most `limit` bytes; longer is Code::limit, absent Code::not_found.
Result<std::string> read_file(const std::string& path, size_t limit);
// The same of an open descriptor, from where it stands.
Result<std::string> read_all(int fd, size_t limit, std::string_view name);

}  // namespace reeve
