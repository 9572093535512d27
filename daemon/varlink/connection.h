// Connection: one accepted socket: reads frames, runs their calls in order, writes the replies.
//
// What it reads and writes may hold tokens: buffers are wiped once they are done with.
#pragma once

#include <memory>

#include "async/timer.h"
#include "varlink/server.h"

namespace reeve::varlink {

class Connection final {
 public:
  Connection(Server& server, Fd fd, std::unique_ptr<ConnectionContext> context);
  ~Connection();

  Task<void> send_reply(const Reply& reply, bool continues);

 private:
  class RunningCall;
  Task<void> serve();
  Task<void> guard();  // ends everything when the peer hangs up
  Task<bool> read_frame(std::string& frame);
  Task<void> handle(std::string& frame);
  Task<bool> flush();
  ssize_t receive();  // into the server's scratch; as recv(2)
  void watch_deadline();
  void append_reply(const Reply& reply, bool continues);
  bool whole_frame_buffered() const;
  void close();

  Server& server_;
  Fd fd_;
  std::unique_ptr<ConnectionContext> context_;
  std::string in_, out_;
  size_t in_start_ = 0;   // where the next frame begins in in_
  bool broken_ = false;   // no further frame is read
  bool drained_ = false;  // the socket was read empty
  bool closed_ = false;
  bool idle_ = false;  // deadline_ is that of an idle connection
  std::vector<Fd> descriptors_;
  Timer deadline_;
  Readiness readiness_;
  TaskSet tasks_;
};

// The text of one reply frame, without its NUL.
std::string reply_text(const Reply& reply, bool continues);

}  // namespace reeve::varlink
