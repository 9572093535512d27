// Stream: one connected socket that carries whole frames. Its peer is checked before the first byte
// is sent (trust.h); every wait ends at a Deadline. It never blocks elsewhere and raises no signal.
#pragma once

#include <string>

#include "src/bytes.h"
#include "src/deadline.h"

namespace reeve::client {

class Stream final {
 public:
  // Connects and checks both halves of the trust rule; sends nothing. Throws Failure.
  Stream(const std::string& path, const Deadline& deadline);
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
  ~Stream();

  // Is there anything to read, the end included?
  bool readable() const;
  // Sends a frame with its NUL. False if the other side has closed: it may have said why before.
  bool send(const Bytes& frame, const Deadline& deadline);
  // The next frame without its NUL. What was read of it stays for the next time over a timeout.
  // Throws Failure: REEVE_TIMEOUT, REEVE_LOST before its first byte, REEVE_PROTOCOL.
  Bytes receive(const Deadline& deadline);

 private:
  void wait(short events, const Deadline& deadline) const;
  void read_more(const Deadline& deadline);

  int fd_;
  Bytes in_;
  size_t searched_ = 0;  // of in_: no NUL before it
};

}  // namespace reeve::client
