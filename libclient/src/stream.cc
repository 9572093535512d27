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
constexpr size_t kSmall = size_t{4} * 1024;  // what most answers fit in
constexpr int kBacklogPause = 10;            // milliseconds between attempts while it is full

reeve_error code_of(int error) {
  if (error == EACCES || error == EPERM) return REEVE_PERMISSION;
  return error == ENOMEM || error == ENOBUFS ? REEVE_NO_MEMORY : REEVE_UNAVAILABLE;
}

reeve_error connect_to(int fd, const char* path, const Deadline& deadline) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  const size_t length = std::strlen(path);
  if (length >= sizeof(address.sun_path)) {
    return fail(REEVE_UNAVAILABLE, "%s is too long for a socket's path", path);
  }
  std::memcpy(address.sun_path, path, length);
  while (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    if (errno == EAGAIN) {
      const int left = deadline.left();
      if (left == 0) return fail(REEVE_TIMEOUT);
      ::poll(nullptr, 0, std::min(kBacklogPause, left));
    } else if (errno != EINTR) {
      return fail(code_of(errno), "%s: %s", path, std::strerror(errno));
    }
  }
  return REEVE_OK;
}

}  // namespace

Stream::~Stream() { close(); }

void Stream::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
  out_ = Bytes();
  in_ = Bytes();
}

reeve_error Stream::open(const char* path, const Deadline& deadline) {
  const uid_t me = ::geteuid();
  std::optional<uid_t> configured;
  Place place;
  if (const reeve_error error = configured_uid(configured)) return error;
  if (const reeve_error error = check_place(path, me, configured, place)) return error;
  fd_ = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd_ < 0) return fail(REEVE_NO_MEMORY, "socket: %s", std::strerror(errno));
  if (const reeve_error error = connect_to(fd_, place.path, deadline)) return error;
  uid_t peer = 0;
  if (const reeve_error error = peer_uid(fd_, peer)) return error;
  return check_peer(peer, place, me, configured);
}

bool Stream::readable() const {
  pollfd asked = {fd_, POLLIN, 0};
  return in_.size() > 0 || ::poll(&asked, 1, 0) > 0;
}

reeve_error Stream::wait(const Deadline& deadline) const {
  const int events = unsent() ? POLLIN | POLLOUT : POLLIN;
  pollfd asked = {fd_, static_cast<short>(events), 0};
  while (true) {
    const int left = deadline.left();
    if (left == 0) return fail(REEVE_TIMEOUT);
    const int ready = ::poll(&asked, 1, left);
    if (ready > 0) return REEVE_OK;
    if (ready < 0 && errno != EINTR) {
      return fail(REEVE_NO_MEMORY, "poll: %s", std::strerror(errno));
    }
  }
}

bool Stream::flush() {
  while (unsent()) {
    const ssize_t sent = ::send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL);
    if (sent >= 0) {
      out_.consume(static_cast<size_t>(sent));
    } else if (errno == EAGAIN) {
      return true;
    } else if (errno != EINTR) {
      out_ = Bytes();
      return false;
    }
  }
  return true;
}

reeve_error Stream::take(Bytes& frame) {
  while (true) {
    const size_t end = in_.view().find('\0', searched_);
    if (std::min(end, in_.size()) > kMaxReply) {
      return fail(REEVE_PROTOCOL, "the answer is over 1 MiB");
    }
    if (end != std::string_view::npos) return cut(end, frame);
    searched_ = in_.size();
    if (const reeve_error error = read_more()) return error;
  }
}

reeve_error Stream::cut(size_t end, Bytes& frame) {
  searched_ = 0;
  if (end + 1 == in_.size()) {
    frame = std::move(in_);  // the usual case; its NUL stays behind the text
    frame.shorten(end);
    in_ = Bytes();
    return REEVE_OK;
  }
  frame.append({in_.data(), end});
  in_.consume(end + 1);
  return frame.failed() ? fail(REEVE_NO_MEMORY) : REEVE_OK;
}

reeve_error Stream::read_more() {
  const size_t chunk = in_.size() < kSmall ? kSmall : kChunk;
  while (true) {
    char* const room = in_.room(chunk);
    if (room == nullptr) return fail(REEVE_NO_MEMORY);
    const ssize_t got = ::recv(fd_, room, chunk, 0);
    if (got > 0) {
      in_.grow(static_cast<size_t>(got));
      return REEVE_OK;
    }
    if (got < 0 && errno == EAGAIN) return REEVE_AGAIN;
    if (got == 0 || errno != EINTR) {
      if (in_.size() == 0) return fail(REEVE_LOST);
      return fail(REEVE_PROTOCOL, "the answer ends in the middle");
    }
  }
}

}  // namespace reeve::client
