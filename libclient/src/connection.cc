#include "src/connection.h"

#include <unistd.h>

#include <cstring>
#include <utility>

using reeve::client::Bytes;
using reeve::client::decode_reply;
using reeve::client::encode_call;
using reeve::client::fail;
using reeve::client::make;
using reeve::client::Owned;

reeve_connection::reeve_connection() : pid_(::getpid()) {}

reeve_error reeve_connection::open(const char* path, const Deadline& deadline) {
  path_.append({path, std::strlen(path) + 1});
  return path_.failed() ? fail(REEVE_NO_MEMORY) : stream_.open(path, deadline);
}

reeve_error reeve_connection::open_again(const Deadline& deadline) {
  stream_.close();
  used_ = deaf_ = false;
  const reeve_error error = stream_.open(path_.data(), deadline);
  if (error) return give_up(error);
  state_ = State::idle;
  return REEVE_OK;
}

reeve_error reeve_connection::give_up(reeve_error error) {
  state_ = State::over;
  stream_.close();
  return error;
}

reeve_error reeve_connection::begin(const char* method, std::string_view parameters, bool more) {
  if (state_ == State::over) return fail(REEVE_CLOSED);
  if (state_ != State::idle) return fail(REEVE_BUSY);
  Bytes frame;
  if (const reeve_error error = encode_call(method, parameters, more, frame)) return error;
  // A new connection may have been refused already, with the reason; later, what comes unasked is
  // the end, or an answer to nothing.
  if (used_ && stream_.readable()) return give_up(fail(REEVE_CLOSED));
  used_ = true;
  state_ = more ? State::streaming : State::calling;
  stream_.put(std::move(frame));
  deaf_ = !stream_.flush();
  return REEVE_OK;
}

// Leaves the connection over if it fails.
reeve_error reeve_connection::take(Owned<reeve_reply>& reply) {
  Bytes frame;
  auto made = make<reeve_reply>();
  if (made == nullptr) return give_up(fail(REEVE_NO_MEMORY));
  reeve_error error = stream_.take(frame);
  if (error == REEVE_AGAIN) return error;
  // The call did not leave whole, so it cannot have been carried out.
  if (error == REEVE_LOST && deaf_) error = REEVE_CLOSED;
  if (error == REEVE_OK) error = decode_reply(std::move(frame), made->parts);
  if (error != REEVE_OK) return give_up(error);
  reply = std::move(made);
  return REEVE_OK;
}

reeve_error reeve_connection::step(Owned<reeve_reply>& reply) {
  if (state_ == State::over) return fail(REEVE_CLOSED);
  if (state_ == State::idle) {
    return stream_.readable() ? give_up(fail(REEVE_CLOSED)) : fail(REEVE_END);
  }
  if (!stream_.flush()) deaf_ = true;
  if (const reeve_error error = take(reply)) return error;
  if (reply->parts.continues) {
    if (state_ == State::streaming) return REEVE_OK;
    reply.reset();
    return give_up(fail(REEVE_PROTOCOL, "a stream for a single answer"));
  }
  state_ = State::idle;
  if (deaf_ || unsent()) give_up(REEVE_OK);
  return REEVE_OK;
}

reeve_error reeve_connection::finish_sending(const Deadline& deadline) {
  while (unsent()) {
    if (const reeve_error error = stream_.wait(deadline)) return give_up(error);
    if (!stream_.flush()) deaf_ = true;
    // It answers before it has read the call: that is for next() to see.
    if (unsent() && stream_.readable()) return REEVE_OK;
  }
  return REEVE_OK;
}

reeve_error reeve_connection::wait_for(const Deadline& deadline, Owned<reeve_reply>& reply) {
  while (true) {
    const reeve_error error = step(reply);
    if (error != REEVE_AGAIN) return error;
    if (const reeve_error late = stream_.wait(deadline)) return late;
  }
}

reeve_connection::Stay::Stay(reeve_connection* connection) : connection_(connection) {
  if (::getpid() != connection->pid_) {
    refused_ = fail(REEVE_FORKED);
  } else if (connection->in_use_.exchange(true, std::memory_order_acquire)) {
    refused_ = fail(REEVE_IN_USE);
  }
}

reeve_connection::Stay::~Stay() {
  if (refused_ == REEVE_OK) connection_->in_use_.store(false, std::memory_order_release);
}
