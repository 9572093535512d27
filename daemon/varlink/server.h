// Server: accepts connections on one socket and serves a Service on each.
//
// The peer is judged at accept, before a byte is read. Calls of one connection are answered in
// order; pipelining is allowed. Bounds: a frame's size, the time a half frame may take, the time a
// reader may take to read, the time a connection may stand idle. When the peer hangs up, the call
// that runs for it is cancelled.
#pragma once

#include <array>
#include <functional>
#include <memory>

#include "async/timer.h"
#include "async/unix_socket.h"
#include "varlink/service.h"

namespace reeve::varlink {

struct ServerLimits {
  size_t frame_bytes = size_t{256} * 1024;
  size_t connections = 4096;
  int64_t frame_milliseconds = 10'000;  // from a frame's first byte to its last
  int64_t write_milliseconds = 10'000;  // until a reader has taken what it asked for
  int64_t idle_milliseconds = 0;        // of a connection on which nothing runs; 0: for ever
  int calls_per_turn = 64;  // of calls that were sent ahead, before other connections have theirs
  bool senders = false;     // ConnectionContext::heard is told who sent
  size_t descriptors = 0;   // that may come with one call
  std::string crowded;      // the error for a connection too many; empty: closed without a word
};

// What the owner says of a new connection: a context to serve it with, or a last reply to refuse it
// with (an error of the interface; a null `refusal.error` closes it without a word).
struct Admission {
  std::unique_ptr<ConnectionContext> context;
  Reply refusal;
};
using Admit = std::function<Admission(int fd)>;

class Connection;

class Server final {
 public:
  Server(Loop& loop, Fd listening, const Service& service, ServerLimits limits, Admit admit);
  ~Server();

  size_t connections() const { return connections_.size(); }

 private:
  friend class Connection;
  Task<void> accept_all();
  void refuse(const Fd& fd, const Reply& refusal) const;
  void remove(Connection* connection);

  Loop& loop_;
  const Service& service_;
  ServerLimits limits_;
  Admit admit_;
  Acceptor acceptor_;
  std::map<Connection*, std::unique_ptr<Connection>> connections_;
  std::vector<std::unique_ptr<Connection>> closing_;  // they cannot die inside their own tasks
  Timer reaper_;
  std::array<char, size_t{16} * 1024> scratch_{};  // what was just received; wiped at once
  TaskSet tasks_;
};

}  // namespace reeve::varlink
