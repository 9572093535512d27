#include "src/connection.h"

#include <unistd.h>

using reeve::client::Bytes;
using reeve::client::Deadline;
using reeve::client::decode_reply;
using reeve::client::encode_call;
using reeve::client::Failure;
using reeve::client::ReplyFrame;
using reeve::client::Stream;

reeve_connection::reeve_connection(const std::string& path, int timeout_ms)
    : pid_(::getpid()), stream_(std::make_unique<Stream>(path, Deadline(timeout_ms))) {}

void reeve_connection::check_process() const {
  if (::getpid() != pid_) throw Failure{REEVE_FORKED, ""};
}

void reeve_connection::close() {
  state_ = State::over;
  stream_.reset();
}

// Leaves the connection over if it throws, but not on an argument's account.
void reeve_connection::send(const Bytes& frame, const Deadline& deadline) {
  if (state_ == State::over) throw Failure{REEVE_CLOSED, ""};
  if (state_ == State::streaming) throw Failure{REEVE_BUSY, ""};
  // A new connection may have been refused already, with the reason; later, what comes unasked is
  // the end, or an answer to nothing.
  if (used_ && stream_->readable()) {
    close();
    throw Failure{REEVE_CLOSED, ""};
  }
  used_ = true;
  try {
    deaf_ = !stream_->send(frame, deadline);
  } catch (...) {
    close();
    throw;
  }
}

// Leaves the connection over if it throws, but not when a stream's next reply is late.
ReplyFrame reeve_connection::receive(const Deadline& deadline) {
  try {
    return decode_reply(stream_->receive(deadline));
  } catch (const Failure& failure) {
    if (failure.code == REEVE_TIMEOUT && state_ == State::streaming) throw;
    close();
    // The call did not leave whole, so it cannot have been carried out.
    if (failure.code == REEVE_LOST && deaf_) throw Failure{REEVE_CLOSED, ""};
    throw;
  } catch (...) {
    close();
    throw;
  }
}

ReplyFrame reeve_connection::call(std::string_view method, std::string_view parameters,
                                  int timeout_ms) {
  check_process();
  const Deadline deadline(timeout_ms);
  send(encode_call(method, parameters, false), deadline);
  ReplyFrame reply = receive(deadline);
  if (reply.continues || deaf_) close();
  if (reply.continues) throw Failure{REEVE_PROTOCOL, "a stream for a single answer"};
  return reply;
}

void reeve_connection::call_more(std::string_view method, std::string_view parameters,
                                 int timeout_ms) {
  check_process();
  send(encode_call(method, parameters, true), Deadline(timeout_ms));
  state_ = State::streaming;
}

ReplyFrame reeve_connection::next(int timeout_ms) {
  check_process();
  if (state_ == State::over) throw Failure{REEVE_CLOSED, ""};
  if (state_ == State::idle) throw Failure{REEVE_END, ""};
  ReplyFrame reply = receive(Deadline(timeout_ms));
  if (!reply.continues) state_ = State::idle;
  if (!reply.continues && deaf_) close();
  return reply;
}
