#include "varlink/connection.h"

#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "base/json_writer.h"
#include "base/secret.h"
#include "varlink/ancillary.h"
#include "varlink/frame.h"

namespace reeve::varlink {
namespace {

constexpr size_t kFlushBytes = size_t{64} * 1024;

void append_reply_text(std::string& out, const Reply& reply, bool continues) {
  out += '{';
  if (!reply.error.empty()) {
    out += "\"error\":";
    JsonWriter(out).string(reply.error);
    out += ',';
  }
  out += "\"parameters\":";
  out += reply.parameters.empty() ? "{}" : reply.parameters;
  if (continues) out += ",\"continues\":true";
  out += '}';
}

}  // namespace

std::string reply_text(const Reply& reply, bool continues) {
  std::string text;
  append_reply_text(text, reply, continues);
  return text;
}

class Connection::RunningCall final : public Call {
 public:
  explicit RunningCall(Connection& connection) : connection_(connection) {}
  Task<void> send(std::string reply_parameters) override {
    const Reply reply{std::move(reply_parameters), ""};
    co_await connection_.send_reply(reply, true);
  }

 private:
  Connection& connection_;
};

Connection::Connection(Server& server, Fd fd, std::unique_ptr<ConnectionContext> context)
    : server_(server),
      fd_(std::move(fd)),
      context_(std::move(context)),
      deadline_(server.loop_),
      readiness_(server.loop_, fd_.get()),
      tasks_(server.loop_) {
  tasks_.spawn(serve());
  tasks_.spawn(guard());
}

Connection::~Connection() {
  wipe(in_);
  wipe(out_);
}

Task<void> Connection::serve() {
  if (!context_->prepared()) {
    const bool prepared = co_await context_->prepare();
    if (!prepared) {
      close();
      co_return;
    }
  }
  std::string frame;
  for (int served = 0;; ++served) {
    if (!whole_frame_buffered()) {
      const bool written = co_await flush();
      if (!written) break;
      served = 0;
    } else if (served == server_.limits_.calls_per_turn) {
      served = 0;
      co_await sleep(server_.loop_, 0);
    }
    const bool read = co_await read_frame(frame);
    if (!read) break;
    co_await handle(frame);
    wipe(frame.data(), frame.size());
    if (out_.size() >= kFlushBytes || broken_) {
      const bool written = co_await flush();
      if (!written || broken_) break;
    }
  }
  close();
}

Task<void> Connection::guard() {
  co_await readiness_.hangup();
  close();
}

void Connection::close() {
  if (std::exchange(closed_, true)) return;
  server_.remove(this);
}

bool Connection::whole_frame_buffered() const {
  return std::memchr(in_.data() + in_start_, 0, in_.size() - in_start_) != nullptr;
}

// Reads the next frame; false at the end of the stream, a broken frame or a passed deadline.
Task<bool> Connection::read_frame(std::string& frame) {
  size_t searched = in_start_;
  while (true) {
    const void* end = std::memchr(in_.data() + searched, 0, in_.size() - searched);
    const size_t length =
        (end != nullptr ? static_cast<size_t>(static_cast<const char*>(end) - in_.data())
                        : in_.size()) -
        in_start_;
    if (length > server_.limits_.frame_bytes) {
      append_reply(Reply::failure("org.varlink.service.InvalidParameter",
                                  "{\"parameter\":\"the frame is longer than this socket takes\"}"),
                   false);
      co_await flush();
      co_return false;
    }
    if (end != nullptr) {
      frame.assign(in_, in_start_, length);
      wipe(in_.data() + in_start_, length);
      in_start_ += length + 1;
      if (in_start_ == in_.size()) {
        in_.clear();
        in_start_ = 0;
      }
      deadline_.stop();
      idle_ = false;
      co_return true;
    }
    if (in_start_ > 0) {
      in_.erase(0, in_start_);
      in_start_ = 0;
    }
    searched = in_.size();
    watch_deadline();
    // After a short read there is nothing more for now: one system call less.
    if (std::exchange(drained_, false)) co_await readiness_.readable();
    char* const scratch = server_.scratch_.data();
    const ssize_t count = receive();
    if (count > 0) {
      in_.append(scratch, static_cast<size_t>(count));
      wipe(scratch, static_cast<size_t>(count));
      drained_ = static_cast<size_t>(count) < server_.scratch_.size();
    } else if (count == 0 || (errno != EAGAIN && errno != EINTR)) {
      co_return false;
    } else {
      drained_ = errno == EAGAIN;
    }
  }
}

// Of the rest of a frame that was begun, or of a connection on which nothing happens.
void Connection::watch_deadline() {
  const bool idle = in_.empty();
  if (deadline_.active() && idle == idle_) return;
  deadline_.stop();
  idle_ = idle;
  const int64_t milliseconds =
      idle ? server_.limits_.idle_milliseconds : server_.limits_.frame_milliseconds;
  if (milliseconds > 0) deadline_.start(milliseconds, [this] { ::shutdown(fd_.get(), SHUT_RDWR); });
}

ssize_t Connection::receive() {
  char* const scratch = server_.scratch_.data();
  const ServerLimits& limits = server_.limits_;
  if (!limits.senders && limits.descriptors == 0)
    return ::recv(fd_.get(), scratch, server_.scratch_.size(), MSG_DONTWAIT);
  Received received =
      varlink::receive(fd_.get(), scratch, server_.scratch_.size(), limits.descriptors);
  const int number = errno;
  if (limits.senders && received.count > 0) context_->heard(received.sender);
  for (Fd& fd : received.descriptors) {
    if (descriptors_.size() < limits.descriptors) descriptors_.push_back(std::move(fd));
  }
  errno = number;
  return received.count;
}

Task<void> Connection::handle(std::string& frame) {
  CallFrame read = read_call(frame, server_.limits_.frame_bytes);
  if (!read.problem.empty()) {
    append_reply(invalid_parameter(read.problem), false);
    broken_ = read.broken;
    co_return;
  }
  RunningCall call(*this);
  call.context = context_.get();
  call.parameters = std::move(read.parameters);
  call.more = read.more;
  call.oneway = read.oneway;
  call.descriptors = std::exchange(descriptors_, {});
  Reply reply = co_await server_.service_.run(read.method, call);
  if (!call.oneway) append_reply(reply, false);
  wipe(reply.parameters);
}

void Connection::append_reply(const Reply& reply, bool continues) {
  append_reply_text(out_, reply, continues);
  out_ += '\0';
}

Task<void> Connection::send_reply(const Reply& reply, bool continues) {
  append_reply(reply, continues);
  const bool written = co_await flush();
  // The reader is gone or too slow: the call ends with its connection, through the hang-up.
  if (!written) ::shutdown(fd_.get(), SHUT_RDWR);
}

Task<bool> Connection::flush() {
  size_t sent = 0;
  while (sent < out_.size()) {
    const ssize_t count =
        ::send(fd_.get(), out_.data() + sent, out_.size() - sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0) {
      sent += static_cast<size_t>(count);
    } else if (errno == EAGAIN) {
      if (!deadline_.active()) {
        deadline_.start(server_.limits_.write_milliseconds,
                        [this] { ::shutdown(fd_.get(), SHUT_RDWR); });
      }
      co_await readiness_.writable();
    } else if (errno != EINTR) {
      co_return false;
    }
  }
  if (sent > 0) {
    deadline_.stop();
    wipe(out_.data(), out_.size());
    out_.clear();
  }
  co_return true;
}

}  // namespace reeve::varlink
