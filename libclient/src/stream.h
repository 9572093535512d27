// Stream: one connected socket that carries whole frames. Its peer is checked before the first byte
// is sent (trust.h). Sending and reading never wait; wait() does, to its Deadline. It raises no
// signal.
#pragma once

#include <utility>

#include "src/bytes.h"
#include "src/deadline.h"
#include "src/failure.h"

namespace reeve::client {

class Stream final {
 public:
  Stream() = default;
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  // Connects and checks both halves of the trust rule; sends nothing.
  reeve_error open(const char* path, const Deadline& deadline);
  void close();
  int fd() const { return fd_; }

  // Is there anything to read, the end included?
  bool readable() const;
  // Takes a frame with its NUL, to be sent by flush().
  void put(Bytes frame) { out_ = std::move(frame); }
  bool unsent() const { return out_.size() > 0; }
  // Sends what can be. False if the other side has closed: it may have said why before. Nothing is
  // left to send then.
  bool flush();
  // The next frame without its NUL, or REEVE_AGAIN; REEVE_LOST if it ended before a frame's first
  // byte, REEVE_PROTOCOL within one.
  reeve_error take(Bytes& frame);
  // Until there is something to read, or room for what is unsent.
  reeve_error wait(const Deadline& deadline) const;

 private:
  reeve_error cut(size_t end, Bytes& frame);
  reeve_error read_more();

  int fd_ = -1;
  Bytes out_;
  Bytes in_;
  size_t searched_ = 0;  // of in_: no NUL before it
};

}  // namespace reeve::client
