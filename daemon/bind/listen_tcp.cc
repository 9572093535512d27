#include "bind/listen_tcp.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <memory>

namespace reeve {
namespace {

constexpr int kBacklog = 128;

sockaddr_storage name_of(int fd) {
  sockaddr_storage name{};
  socklen_t size = sizeof name;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0) name.ss_family = AF_UNSPEC;
  return name;
}

template <class T>
T as(const sockaddr_storage& name) {
  T address{};
  std::memcpy(&address, &name, sizeof address);
  return address;
}

}  // namespace

Result<Fd> listen_tcp(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return Error{Code::invalid, "--listen wants ADDRESS:PORT"};
  std::string host = address.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), address.c_str() + colon + 1, &hints, &found) != 0) {
    return Error{Code::invalid, "--listen wants a numeric address and a port"};
  }
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owned(found, ::freeaddrinfo);
  Fd fd(::socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd) return errno_error("socket", errno);
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd.get(), found->ai_addr, found->ai_addrlen) != 0) return errno_error(address, errno);
  if (::listen(fd.get(), kBacklog) != 0) return errno_error(address, errno);
  return fd;
}

bool listens_on_loopback(int fd) {
  const sockaddr_storage name = name_of(fd);
  if (name.ss_family == AF_INET) {
    return ntohl(as<sockaddr_in>(name).sin_addr.s_addr) >> 24 == 127;
  }
  if (name.ss_family != AF_INET6) return false;
  const sockaddr_in6 address = as<sockaddr_in6>(name);
  return IN6_IS_ADDR_LOOPBACK(&address.sin6_addr);
}

int listening_port(int fd) {
  const sockaddr_storage name = name_of(fd);
  if (name.ss_family == AF_INET) return ntohs(as<sockaddr_in>(name).sin_port);
  return name.ss_family == AF_INET6 ? ntohs(as<sockaddr_in6>(name).sin6_port) : 0;
}

}  // namespace reeve
