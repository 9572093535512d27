#include "base/fd.h"

#include <fcntl.h>

#include <cerrno>

namespace reeve {

Result<std::string> read_all(int fd, size_t limit, std::string_view name) {
  std::string text;
  char buffer[4096];
  while (true) {
    const ssize_t count = ::read(fd, buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno_error(name, errno);
    if (count == 0) return text;
    if (text.size() + static_cast<size_t>(count) > limit) {
      return Error{Code::limit,
                   std::string(name) + ": longer than " + std::to_string(limit) + " bytes"};
    }
    text.append(buffer, static_cast<size_t>(count));
  }
}

Result<std::string> read_file(const std::string& path, size_t limit) {
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) {
    Error error = errno_error(path, errno);
    if (errno == ENOENT) error.code = Code::not_found;
    return error;
  }
  return read_all(file.get(), limit, path);
}

}  // namespace reeve
