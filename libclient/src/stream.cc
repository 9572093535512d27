#include "src/stream.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "src/frame.h"
#include "src/trust.h"

namespace reeve::client {
namespace {

constexpr size_t kChunk = size_t{64} * 1024;
constexpr int kBacklogPause = 10;  // milliseconds between attempts while the backlog is full

int open_socket() {
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) throw Failure{REEVE_NO_MEMORY, std::string("socket: ") + std::strerror(errno)};
  return fd;
}

reeve_error code_of(int error) {
  if (error == EACCES || error == EPERM) return REEVE_PERMISSION;
  return error == ENOMEM || error == ENOBUFS ? REEVE_NO_MEMORY : REEVE_UNAVAILABLE;
}

void connect_to(int fd, const std::string& path, const Deadline& deadline) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    throw Failure{REEVE_UNAVAILABLE, path + " is too long for a socket's path"};
  }
  path.copy(address.sun_path, path.size());
  while (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    if (errno == EAGAIN) {
      ::poll(nullptr, 0, std::min(kBacklogPause, deadline.left()));
    } else if (errno != EINTR) {
      throw Failure{code_of(errno), path + ": " + std::strerror(errno)};
    }
  }
}

}  // namespace

Stream::Stream(const std::string& path, const Deadline& deadline) : fd_(-1) {
  const uid_t me = ::geteuid();
  const auto configured = configured_uid();
  const Place place = check_place(path, me, configured);
  fd_ = open_socket();
  try {
    connect_to(fd_, place.path, deadline);
    check_peer(peer_uid(fd_), place, me, configured);
  } catch (...) {
    ::close(fd_);
    throw;
  }
}

Stream::~Stream() { ::close(fd_); }

bool Stream::readable() const {
  pollfd asked = {fd_, POLLIN, 0};
  return in_.size() > 0 || ::poll(&asked, 1, 0) > 0;
}

void Stream::wait(short events, const Deadline& deadline) const {
  pollfd asked = {fd_, events, 0};
  while (::poll(&asked, 1, deadline.left()) < 0) {
    if (errno != EINTR)
      throw Failure{REEVE_NO_MEMORY, std::string("poll: ") + std::strerror(errno)};
  }
}

bool Stream::send(const Bytes& frame, const Deadline& deadline) {
  std::string_view rest = frame.view();
  while (!rest.empty()) {
    const ssize_t sent = ::send(fd_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      rest.remove_prefix(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      wait(POLLOUT, deadline);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

Bytes Stream::receive(const Deadline& deadline) {
  while (true) {
    const size_t end = in_.view().find('\0', searched_);
    if (std::min(end, in_.size()) > kMaxReply) {
      throw Failure{REEVE_PROTOCOL, "the answer is over 1 MiB"};
    }
    if (end != std::string_view::npos) {
      Bytes frame;
      frame.append(in_.view().substr(0, end));
      in_.consume(end + 1);
      searched_ = 0;
      return frame;
    }
    searched_ = in_.size();
    read_more(deadline);
  }
}

void Stream::read_more(const Deadline& deadline) {
  while (true) {
    const ssize_t got = ::recv(fd_, in_.room(kChunk), kChunk, 0);
    if (got > 0) {
      in_.grow(static_cast<size_t>(got));
      return;
    }
    if (got < 0 && errno == EAGAIN) {
      wait(POLLIN, deadline);
    } else if (got == 0 || errno != EINTR) {
      if (in_.size() == 0) throw Failure{REEVE_LOST, ""};
      throw Failure{REEVE_PROTOCOL, "the answer ends in the middle"};
    }
  }
}

}  // namespace reeve::client
