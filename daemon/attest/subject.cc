#include "attest/subject.h"

#include <poll.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <limits>
#include <sstream>

#include "base/fd.h"

namespace reeve {
namespace {

constexpr size_t kFdinfoBytes = 4096;

std::optional<std::pair<dev_t, ino_t>> identity(const std::string& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) return std::nullopt;
  return std::pair(status.st_dev, status.st_ino);
}

}  // namespace

std::optional<pid_t> pid_in_fdinfo(const std::string& text) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("Pid:")) continue;
    std::istringstream words(line.substr(4));
    std::string word;
    words >> word;
    int64_t value = 0;
    const char* const end = word.data() + word.size();
    const auto read = std::from_chars(word.data(), end, value);
    if (read.ec != std::errc() || read.ptr != end || value <= 0 ||
        value > std::numeric_limits<pid_t>::max()) {
      return std::nullopt;
    }
    return static_cast<pid_t>(value);
  }
  return std::nullopt;
}

std::optional<pid_t> pid_of(int pidfd) {
  const auto text = read_file("/proc/self/fdinfo/" + std::to_string(pidfd), kFdinfoBytes);
  return text ? pid_in_fdinfo(*text) : std::nullopt;
}

bool subject_alive(int pidfd) {
  pollfd watched{pidfd, POLLIN, 0};
  int status = 0;
  do status = ::poll(&watched, 1, 0);
  while (status < 0 && errno == EINTR);
  return status == 0;
}

std::optional<bool> in_initial_mount_namespace(pid_t pid) {
  auto first = identity("/proc/1/ns/mnt");
  // Some first processes show nothing to anybody: then our own stands for it, as it does by hand.
  if (!first) first = identity("/proc/self/ns/mnt");
  const auto own = identity("/proc/" + std::to_string(pid) + "/ns/mnt");
  if (!first || !own) return std::nullopt;
  return *first == *own;
}

}  // namespace reeve
