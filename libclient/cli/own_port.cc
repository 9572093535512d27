#include "cli/own_port.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "cli/failure.h"
#include "cli/own.h"
#include "cli/run.h"
#include "cli/setup_place.h"
#include "cli/terminal.h"

namespace reeve::cli {
namespace {

// The system's own daemon has 8420. Those from 32768 on go to outgoing connections.
constexpr int kFirst = 8421, kLast = 8452;
constexpr const char* kListen = "ListenStream=127.0.0.1:";

std::string drop_in() {
  const std::filesystem::path own = own::configuration_directory();
  return own.parent_path() / "systemd/user/reeve-bind.socket.d/10-reeve-setup.conf";
}

std::optional<int> kept_port() {
  std::ifstream file(drop_in());
  for (std::string line; std::getline(file, line);) {
    if (line.rfind(kListen, 0) != 0) continue;
    const int port = std::atoi(line.c_str() + std::char_traits<char>::length(kListen));
    if (port > 0 && port <= 65535) return port;
  }
  return std::nullopt;
}

// As systemd will: what ended a moment ago is not in the way.
bool is_free(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  const int on = 1;
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const bool can = ::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
                   ::listen(fd, 1) == 0;
  ::close(fd);
  return can;
}

}  // namespace

int choose_own_port(std::optional<int64_t> asked) {
  const std::optional<int> kept = kept_port();
  if (kept && (!asked || *asked == *kept)) return *kept;
  if (asked && !is_free(static_cast<int>(*asked))) {
    throw Failure(kFailed, "port " + std::to_string(*asked) +
                               " cannot be had: another program listens there (`ss -ltn`)");
  }
  if (asked) return static_cast<int>(*asked);
  for (int port = kFirst; port <= kLast; ++port) {
    if (is_free(port)) return port;
  }
  throw Failure(kFailed, "no port from " + std::to_string(kFirst) + " to " + std::to_string(kLast) +
                             " is free: name one by --port");
}

std::string keep_own_port(int port) {
  std::string file = drop_in();
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), error);
  write_whole(file,
              "# Written by `reeve setup user`: the port in [binding.main] url of reeve.toml.\n"
              "[Socket]\nListenStream=\n" +
                  std::string(kListen) + std::to_string(port) + "\n",
              0644);
  // Without a service manager it is read when one starts.
  if (::access("/run/systemd/system", F_OK) == 0) run({"systemctl", "--user", "daemon-reload"});
  return file;
}

}  // namespace reeve::cli
