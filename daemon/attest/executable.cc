#include "attest/executable.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>

#include "async/work.h"
#include "base/encoding.h"
#include "base/fd.h"
#include "crypto/sha256_stream.h"

namespace reeve {
namespace {

constexpr size_t kKept = 4096;
constexpr size_t kPiece = size_t{256} * 1024;

// Reading from a file system that a user's own program serves may never end.
bool served_by_a_user(int fd) {
  struct statfs system {};
  return ::fstatfs(fd, &system) != 0 || system.f_type == FUSE_SUPER_MAGIC;
}

// The path that the kernel shows, if the host's file of that name is the one with this status.
std::optional<std::string> path_on_host(const std::string& link, const struct stat& running) {
  std::string path(PATH_MAX, '\0');
  const ssize_t length = ::readlink(link.c_str(), path.data(), path.size());
  if (length <= 0 || static_cast<size_t>(length) >= path.size()) return std::nullopt;
  path.resize(static_cast<size_t>(length));
  if (path[0] != '/') return std::nullopt;
  struct stat named {};
  // Our own root where the first process's cannot be seen: run by hand, by a user.
  const bool seen = ::lstat(("/proc/1/root" + path).c_str(), &named) == 0 ||
                    (errno == EACCES && ::lstat(path.c_str(), &named) == 0);
  if (!seen || named.st_dev != running.st_dev || named.st_ino != running.st_ino)
    return std::nullopt;
  return path;
}

}  // namespace

struct Executables::Opened {
  Fd fd;
  FileKey key;
  ExecutableFacts facts;
};

Executables::Opened Executables::open(pid_t pid) {
  Opened opened;
  const auto fail = [&](const char* what) {
    opened.fd.reset();
    opened.facts.problem = std::string("executable: ") + what;
    return std::move(opened);
  };
  const std::string link = "/proc/" + std::to_string(pid) + "/exe";
  const Fd place(::open(link.c_str(), O_PATH | O_CLOEXEC));
  if (!place) return fail("it cannot be seen");
  struct stat status {};
  if (::fstat(place.get(), &status) != 0 || !S_ISREG(status.st_mode)) return fail("no plain file");
  opened.facts.path = path_on_host(link, status);
  if (served_by_a_user(place.get())) return fail("it lies on a file system that a program serves");
  opened.fd = Fd(::open(("/proc/self/fd/" + std::to_string(place.get())).c_str(),
                        O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!opened.fd || ::fstat(opened.fd.get(), &status) != 0) return fail("it cannot be read");
  opened.key = {status.st_dev, status.st_ino, static_cast<uint64_t>(status.st_size),
                status.st_ctim.tv_sec, status.st_ctim.tv_nsec};
  return opened;
}

std::optional<std::string> Executables::digest(int fd, const FileKey& key) {
  Sha256Stream stream;
  std::string piece(kPiece, '\0');
  uint64_t size = 0;
  for (ssize_t count = 1; count > 0;) {
    count = ::read(fd, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) count = 1;
    else if (count < 0) return std::nullopt;
    else stream.add(std::string_view(piece).substr(0, static_cast<size_t>(count)));
    size += static_cast<uint64_t>(count);
    if (size > key.size + kPiece) return std::nullopt;
  }
  struct stat after {};
  if (::fstat(fd, &after) != 0 || size != key.size || after.st_ctim.tv_sec != key.seconds ||
      after.st_ctim.tv_nsec != key.nanoseconds) {
    return std::nullopt;
  }
  const auto bytes = stream.finish();
  return bytes ? std::optional(hex(*bytes)) : std::nullopt;
}

Task<ExecutableFacts> Executables::read(pid_t pid) {
  const Turnstile::Pass pass = co_await stile_.enter();
  auto opening = [pid] { return open(pid); };
  Opened opened = co_await work(loop_, std::move(opening));
  if (!opened.fd) co_return std::move(opened.facts);
  const FileKey key = opened.key;
  if (const auto found = digests_.find(key); found != digests_.end()) {
    opened.facts.sha256 = found->second;
    co_return std::move(opened.facts);
  }
  if (key.size > largest_) {
    opened.facts.problem = "executable: larger than is read";
    co_return std::move(opened.facts);
  }
  // The work owns the descriptor: it may go on when nobody waits any more.
  auto hashing = [fd = std::make_shared<Fd>(std::move(opened.fd)), key] {
    return digest(fd->get(), key);
  };
  opened.facts.sha256 = co_await work(loop_, std::move(hashing));
  if (!opened.facts.sha256) {
    opened.facts.problem = "executable: it changed or could not be read";
    co_return std::move(opened.facts);
  }
  if (digests_.size() >= kKept) digests_.clear();
  digests_[key] = *opened.facts.sha256;
  co_return std::move(opened.facts);
}

}  // namespace reeve
