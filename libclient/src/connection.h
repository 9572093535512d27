// The two opaque types of reeve.h.
//
// A connection is idle, or carries a stream of replies, or is over. It is over as soon as it may be
// out of step: after any failure but the timeout of a stream's next reply.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string_view>

#include "src/frame.h"
#include "src/stream.h"

struct reeve_reply final {
  reeve::client::ReplyFrame parts;
};

struct reeve_connection final {
 public:
  reeve_connection(const std::string& path, int timeout_ms);

  reeve::client::ReplyFrame call(std::string_view method, std::string_view parameters,
                                 int timeout_ms);
  void call_more(std::string_view method, std::string_view parameters, int timeout_ms);
  reeve::client::ReplyFrame next(int timeout_ms);

 private:
  enum class State { idle, streaming, over };
  void check_process() const;
  void send(const reeve::client::Bytes& frame, const reeve::client::Deadline& deadline);
  reeve::client::ReplyFrame receive(const reeve::client::Deadline& deadline);
  void close();

  pid_t pid_;
  State state_ = State::idle;
  bool used_ = false;  // a call has been sent
  bool deaf_ = false;  // the other side took no more, but may have said why
  std::unique_ptr<reeve::client::Stream> stream_;
};
