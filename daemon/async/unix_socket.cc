#include "async/unix_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "async/timer.h"

namespace reeve {
namespace {

constexpr int kBacklog = 512;
constexpr int64_t kRetryMilliseconds = 5;
constexpr int64_t kShortageMilliseconds = 100;

Result<sockaddr_un> address_of(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.empty() || path.size() >= sizeof address.sun_path) {
    return Error{Code::invalid, path + ": a socket's path has 1 to 107 bytes"};
  }
  std::memcpy(address.sun_path, path.data(), path.size());
  return address;
}

}  // namespace

Result<Fd> listen_unix(const std::string& path, unsigned mode) {
  REEVE_TRY(const sockaddr_un address, address_of(path));
  Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return errno_error("socket", errno);
  struct stat status {};
  if (::lstat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode)) ::unlink(path.c_str());
  // Bound with no rights and opened to others only when its mode is right.
  const mode_t before = ::umask(0777);
  const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int number = errno;
  ::umask(before);
  if (bound != 0) return errno_error(path, number);
  if (::chmod(path.c_str(), mode) != 0) return errno_error(path, errno);
  if (::listen(fd.get(), kBacklog) != 0) return errno_error(path, errno);
  return fd;
}

Task<Result<Fd>> connect_unix(Loop& loop, std::string path, int64_t timeout_milliseconds) {
  CO_TRY(const sockaddr_un address, address_of(path));
  for (int64_t waited = 0;; waited += kRetryMilliseconds) {
    Fd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    if (!fd) co_return errno_error("socket", errno);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
      co_return fd;
    if (errno != EAGAIN && errno != EINTR) {
      Error error = errno_error(path, errno);
      error.code = Code::unavailable;
      co_return error;
    }
    if (waited >= timeout_milliseconds) co_return Error{Code::timeout, path + ": nobody accepts"};
    co_await sleep(loop, kRetryMilliseconds);
  }
}

Acceptor::Acceptor(Loop& loop, Fd listening)
    : loop_(loop), listening_(std::move(listening)), readiness_(loop, listening_.get()) {
  ::fcntl(listening_.get(), F_SETFL, ::fcntl(listening_.get(), F_GETFL) | O_NONBLOCK);
}

Task<Fd> Acceptor::accept() {
  while (true) {
    Fd fd(::accept4(listening_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    if (fd) co_return fd;
    if (errno == EAGAIN) co_await readiness_.readable();
    else if (errno != EINTR && errno != ECONNABORTED) co_await sleep(loop_, kShortageMilliseconds);
  }
}

}  // namespace reeve
