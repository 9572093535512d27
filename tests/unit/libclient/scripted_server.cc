#include "unit/libclient/scripted_server.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>

namespace reeve::test {

std::optional<std::string> Peer::call() {
  char chunk[4096];
  size_t end = 0;
  while ((end = buffer_.find('\0')) == std::string::npos) {
    const ssize_t got = ::recv(fd_, chunk, sizeof(chunk), 0);
    if (got <= 0) return std::nullopt;
    buffer_.append(chunk, static_cast<size_t>(got));
  }
  std::string frame = buffer_.substr(0, end);
  buffer_.erase(0, end + 1);
  note_(frame);
  return frame;
}

bool Peer::raw(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

void Peer::reply(const std::string& parameters, bool continues) const {
  raw(reply_frame(parameters, continues));
}

void Peer::error(const std::string& name, const std::string& parameters) const {
  raw(error_frame(name, parameters));
}

void Peer::finish() const { ::shutdown(fd_, SHUT_RDWR); }

void Peer::pause(int milliseconds) const {
  pollfd asked = {fd_, POLLRDHUP, 0};
  ::poll(&asked, 1, milliseconds);
}

void Peer::until_closed() {
  while (call()) {
  }
}

ScriptedServer::ScriptedServer(std::string path, Script script, std::optional<uid_t> listener)
    : path_(std::move(path)),
      script_(std::move(script)),
      listening_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  path_.copy(address.sun_path, sizeof(address.sun_path) - 1);
  const auto* generic = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(listening_, generic, sizeof(address)) != 0) std::abort();
  const uid_t me = ::geteuid();
  if (listener && ::seteuid(*listener) != 0) std::abort();
  if (::listen(listening_, 8) != 0) std::abort();
  if (listener && ::seteuid(me) != 0) std::abort();
  acceptor_ = std::thread([this] { accept_all(); });
}

ScriptedServer::~ScriptedServer() {
  ::shutdown(listening_, SHUT_RDWR);
  acceptor_.join();
  for (const int fd : accepted_) ::shutdown(fd, SHUT_RDWR);
  for (std::thread& worker : workers_) worker.join();
  for (const int fd : accepted_) ::close(fd);
  ::close(listening_);
  ::unlink(path_.c_str());
}

void ScriptedServer::accept_all() {
  while (true) {
    const int fd = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    const timeval patience = {kPatience, 0};
    ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    const std::lock_guard lock(mutex_);
    accepted_.push_back(fd);
    workers_.emplace_back([this, fd] {
      Peer peer(fd, [this](std::string frame) {
        const std::lock_guard noting(mutex_);
        calls_.push_back(std::move(frame));
      });
      script_(peer);
      ::shutdown(fd, SHUT_RDWR);
    });
  }
}

std::vector<std::string> ScriptedServer::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

size_t ScriptedServer::connections() const {
  const std::lock_guard lock(mutex_);
  return accepted_.size();
}

std::string reply_frame(const std::string& parameters, bool continues) {
  std::string frame = "{\"parameters\":" + parameters;
  frame += continues ? ",\"continues\":true}" : "}";
  return frame + '\0';
}

std::string error_frame(const std::string& name, const std::string& parameters) {
  return "{\"error\":\"" + name + "\",\"parameters\":" + parameters + "}" + '\0';
}

Answers& Answers::on(const std::string& method, std::string bytes) {
  rows_[method].push_back(std::move(bytes));
  return *this;
}

ScriptedServer::Script Answers::script() {
  return [this](Peer& peer) {
    while (const auto frame = peer.call()) {
      const std::string bytes = next(*frame);
      if (bytes.empty()) return;
      peer.raw(bytes);
    }
  };
}

std::string Answers::next(const std::string& frame) {
  const std::string before = "{\"method\":\"";
  const std::string method =
      frame.substr(before.size(), frame.find('"', before.size()) - before.size());
  const std::lock_guard lock(mutex_);
  std::vector<std::string>& row = rows_[method];
  if (row.empty()) return "";
  std::string bytes = std::move(row.front());
  row.erase(row.begin());
  return bytes;
}

}  // namespace reeve::test
