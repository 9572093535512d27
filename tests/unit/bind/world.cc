#include "world.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <strings.h>
#include <sys/socket.h>

#include <algorithm>

#include "async/timer.h"
#include "varlink/interfaces.h"

namespace reeve::test {
namespace {

HttpReply parse(const std::string& text) {
  HttpReply reply;
  const size_t end = text.find("\r\n\r\n");
  if (end == text.npos || !text.starts_with("HTTP/1.")) return reply;
  reply.status = std::atoi(text.c_str() + 9);
  size_t at = text.find("\r\n") + 2;
  while (at < end + 2) {
    const size_t line = text.find("\r\n", at);
    const size_t colon = text.find(": ", at);
    reply.headers.emplace_back(text.substr(at, colon - at),
                               text.substr(colon + 2, line - colon - 2));
    at = line + 2;
  }
  reply.body = text.substr(end + 4);
  return reply;
}

}  // namespace

std::string HttpReply::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (::strcasecmp(key.c_str(), std::string(name).c_str()) == 0) return value;
  }
  return {};
}

std::vector<std::string> HttpReply::cookies() const {
  std::vector<std::string> all;
  for (const auto& [key, value] : headers) {
    if (key == "Set-Cookie") all.push_back(value);
  }
  return all;
}

Fd connect_tcp(int port) {
  Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) std::abort();
  ::fcntl(fd.get(), F_SETFL, O_NONBLOCK);
  return fd;
}

Task<std::string> read_to_end(Loop& loop, int fd) {
  Readiness readiness(loop, fd);
  std::string text;
  char buffer[4096];
  while (true) {
    const ssize_t count = ::recv(fd, buffer, sizeof buffer, 0);
    if (count > 0) text.append(buffer, static_cast<size_t>(count));
    else if (count < 0 && errno == EAGAIN) co_await readiness.readable();
    else break;
  }
  co_return text;
}

Task<HttpReply> exchange(Loop& loop, int port, std::string octets) {
  const Fd fd = connect_tcp(port);
  Readiness readiness(loop, fd.get());
  size_t sent = 0;
  while (sent < octets.size()) {
    const ssize_t count =
        ::send(fd.get(), octets.data() + sent, octets.size() - sent, MSG_NOSIGNAL);
    if (count > 0) sent += static_cast<size_t>(count);
    else if (errno == EAGAIN) co_await readiness.writable();
    else break;
  }
  const std::string text = co_await read_to_end(loop, fd.get());
  co_return parse(text);
}

ScriptedReeved::ScriptedReeved(Loop& loop, const std::string& path)
    : loop_(loop), service_(varlink::ServiceInfo{"scripted", "0"}) {
  varlink::MethodTable table;
  for (const char* method :
       {"SignIn", "SignInUnix", "Describe", "Start", "Decline", "Return", "Outcome", "Confirm",
        "Connections", "Disconnect", "SignOut", "LogoutToken"}) {
    table[method] = [this, name = std::string(method)](varlink::Call& call) {
      return play(*this, name, call);
    };
  }
  service_.add(interfaces::io_reeve_Binding_varlink, std::move(table));
  auto listening = listen_unix(path, 0600);
  if (!listening) std::abort();
  server_ = std::make_unique<varlink::Server>(
      loop, std::move(*listening), service_, varlink::ServerLimits{}, [](int) {
        return varlink::Admission{std::make_unique<varlink::ConnectionContext>(), {}};
      });
}

void ScriptedReeved::on(const std::string& method, std::string parameters) {
  scripts_[method] = [parameters](const Json&) {
    varlink::Reply reply;
    reply.parameters = parameters;
    return reply;
  };
}

void ScriptedReeved::fails(const std::string& method, const std::string& error,
                           std::string parameters) {
  scripts_[method] = [error, parameters](const Json&) {
    return varlink::Reply::failure("io.reeve.Binding." + error, parameters);
  };
}

size_t ScriptedReeved::count(std::string_view method) const {
  return static_cast<size_t>(std::count_if(
      seen_.begin(), seen_.end(), [method](const Seen& seen) { return seen.method == method; }));
}

Task<varlink::Reply> ScriptedReeved::play(ScriptedReeved& self, std::string method,
                                          varlink::Call& call) {
  self.seen_.push_back({method, call.parameters});
  const int64_t delay = self.delays_[method];
  if (delay > 0) co_await sleep(self.loop_, delay);
  const auto script = self.scripts_.find(method);
  if (script == self.scripts_.end()) co_return varlink::Reply::failure("io.reeve.Binding.NoScript");
  co_return script->second(call.parameters);
}

}  // namespace reeve::test
