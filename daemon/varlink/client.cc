#include "varlink/client.h"

#include <sys/socket.h>

#include <cerrno>

#include "async/timer.h"
#include "base/json_writer.h"
#include "base/secret.h"
#include "varlink/ancillary.h"

namespace reeve::varlink {
namespace {

constexpr size_t kReadBytes = size_t{16} * 1024;

std::string call_text(const std::string& method, const std::string& parameters, bool more) {
  std::string text = "{\"method\":";
  JsonWriter(text).string(method);
  text += ",\"parameters\":";
  text += parameters;
  if (more) text += ",\"more\":true";
  text += '}';
  text += '\0';
  return text;
}

}  // namespace

Client::Client(Loop& loop, Fd fd) : loop_(loop), fd_(std::move(fd)), readiness_(loop, fd_.get()) {}

Task<Result<std::unique_ptr<Client>>> Client::connect(Loop& loop, std::string path,
                                                      int64_t timeout_milliseconds) {
  CO_TRY(Fd fd, co_await connect_unix(loop, std::move(path), timeout_milliseconds));
  co_return std::make_unique<Client>(loop, std::move(fd));
}

void Client::give_up() {
  late_ = true;
  ::shutdown(fd_.get(), SHUT_RDWR);
}

Error Client::ended(std::string_view why) const {
  if (late_) return Error{Code::timeout, "no answer in time"};
  return Error{Code::unavailable, std::string(why)};
}

Task<Result<Unit>> Client::write_all(std::string text, int descriptor) {
  size_t sent = 0;
  while (sent < text.size()) {
    // It goes with the first byte.
    const ssize_t count =
        send_with(fd_.get(), text.data() + sent, text.size() - sent, sent == 0 ? descriptor : -1);
    if (count >= 0) sent += static_cast<size_t>(count);
    else if (errno == EAGAIN) co_await readiness_.writable();
    else if (errno != EINTR) break;
  }
  const bool whole = sent == text.size();
  wipe(text);
  if (!whole) co_return ended("the connection broke while a call was sent");
  co_return Unit{};
}

Task<Result<ClientReply>> Client::call(std::string method, std::string parameters,
                                       int64_t timeout_milliseconds, bool more) {
  const Timer timer(loop_, timeout_milliseconds, [this] { give_up(); });
  std::string text = call_text(method, parameters, more);
  wipe(parameters);
  CO_CHECK(co_await write_all(std::move(text), -1));
  co_return co_await read_reply();
}

Task<Result<ClientReply>> Client::call_with(std::string method, std::string parameters,
                                            int descriptor, int64_t timeout_milliseconds) {
  const Timer timer(loop_, timeout_milliseconds, [this] { give_up(); });
  std::string text = call_text(method, parameters, false);
  CO_CHECK(co_await write_all(std::move(text), descriptor));
  co_return co_await read_reply();
}

std::optional<uid_t> Client::server_uid() const {
  ucred found{};
  socklen_t length = sizeof found;
  if (::getsockopt(fd_.get(), SOL_SOCKET, SO_PEERCRED, &found, &length) != 0) return std::nullopt;
  return found.uid;
}

Task<Result<ClientReply>> Client::next(int64_t timeout_milliseconds) {
  const Timer timer(loop_, timeout_milliseconds, [this] { give_up(); });
  co_return co_await read_reply();
}

Task<Result<ClientReply>> Client::read_reply() {
  size_t searched = 0;
  while (true) {
    const size_t end = buffer_.find('\0', searched);
    if (end != std::string::npos) {
      JsonLimits limits;
      limits.bytes = kReplyBytes;
      auto parsed = parse_json(std::string_view(buffer_).substr(0, end), limits);
      wipe(buffer_.data(), end);
      buffer_.erase(0, end + 1);
      if (!parsed) co_return in("reply", std::move(parsed).error());
      ClientReply reply;
      reply.error = parsed->text("error");
      reply.continues = parsed->boolean("continues").value_or(false);
      for (auto& [name, value] : *parsed->object()) {
        if (name == "parameters") reply.parameters = std::move(value);
      }
      co_return reply;
    }
    searched = buffer_.size();
    if (searched > kReplyBytes) co_return Error{Code::limit, "a reply is too long"};
    buffer_.resize(searched + kReadBytes);
    const ssize_t count = ::recv(fd_.get(), buffer_.data() + searched, kReadBytes, MSG_DONTWAIT);
    const int number = errno;
    buffer_.resize(searched + static_cast<size_t>(std::max<ssize_t>(count, 0)));
    if (count > 0 || (count < 0 && number == EINTR)) continue;
    if (count < 0 && number == EAGAIN) {
      co_await readiness_.readable();
      continue;
    }
    co_return ended("the connection ended before the answer");
  }
}

Task<Result<ClientReply>> call_once(Loop& loop, std::string path, std::string method,
                                    std::string parameters, int64_t timeout_milliseconds) {
  CO_TRY(auto client, co_await Client::connect(loop, std::move(path), timeout_milliseconds));
  co_return co_await client->call(std::move(method), std::move(parameters), timeout_milliseconds);
}

}  // namespace reeve::varlink
