#include "peer/socket_owner.h"

#include <charconv>
#include <cstring>
#include <string>

#include "base/fd.h"

namespace reeve {
namespace {

constexpr size_t kTableBytes = size_t{32} * 1024 * 1024;
constexpr uid_t kNameless = 65534;
constexpr int kEstablished = 1;  // TCP_ESTABLISHED

template <class Number>
std::optional<Number> number(std::string_view text, int base) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// The next word of the line, which is taken from it.
std::string_view word(std::string_view& line) {
  const size_t begin = line.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  const size_t end = std::min(line.find(' ', begin), line.size());
  const std::string_view found = line.substr(begin, end - begin);
  line.remove_prefix(end);
  return found;
}

// "0100007F:20E4": words of 32 bits as this machine keeps them in memory, and the port as a number.
std::optional<TcpEnd> read_end(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon != 8 && colon != 32) return std::nullopt;
  TcpEnd end;
  for (size_t at = 0; at < colon; at += 8) {
    const auto value = number<uint32_t>(text.substr(at, 8), 16);
    if (!value) return std::nullopt;
    std::memcpy(end.address.octets.data() + at / 2, &*value, sizeof *value);
  }
  end.address.v6 = colon == 32;
  end.address = unmapped(end.address);
  const auto port = number<uint16_t>(text.substr(colon + 1), 16);
  if (!port) return std::nullopt;
  end.port = *port;
  return end;
}

// "0: LOCAL REMOTE ST TX:RX TR:WHEN RETRANSMITS UID TIMEOUT INODE ..."
std::optional<TcpSocket> read_line(std::string_view line) {
  const std::string_view slot = word(line);
  if (slot.empty() || slot.back() != ':') return std::nullopt;
  const auto local = read_end(word(line)), remote = read_end(word(line));
  const auto state = number<int>(word(line), 16);
  for (int skipped = 0; skipped < 3; ++skipped) word(line);
  const auto uid = number<uid_t>(word(line), 10);
  word(line);
  const auto inode = number<uint64_t>(word(line), 10);
  if (!local || !remote || !state || !uid || !inode) return std::nullopt;
  return TcpSocket{*local, *remote, *state == kEstablished, *uid, *inode};
}

bool live(const TcpSocket& socket) { return socket.established && socket.inode != 0; }

// The server's own end of that connection is there, and is the server's.
bool answered(const std::vector<TcpSocket>& sockets, const TcpSocket& client, uid_t server) {
  for (const TcpSocket& other : sockets) {
    if (live(other) && other.uid == server && other.local == client.remote &&
        other.remote == client.local) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool TcpEnd::operator==(const TcpEnd& other) const {
  return port == other.port && address.v6 == other.address.v6 &&
         address.octets == other.address.octets;
}

std::vector<TcpSocket> read_tcp_table(std::string_view text, uint16_t port) {
  std::vector<TcpSocket> sockets;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const auto socket = read_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (socket && (socket->local.port == port || socket->remote.port == port))
      sockets.push_back(*socket);
  }
  return sockets;
}

std::optional<uid_t> owner_of(const std::vector<TcpSocket>& sockets, const TcpConnection& asked) {
  const TcpSocket* found = nullptr;
  if (!is_loopback(asked.client.address)) return std::nullopt;
  for (const TcpSocket& socket : sockets) {
    if (!live(socket) || !(socket.local == asked.client)) continue;
    if (socket.remote.port != asked.server_port || !is_loopback(socket.remote.address)) continue;
    if (!answered(sockets, socket, asked.server_uid)) continue;
    // The table may show a socket twice while it changes.
    if (found != nullptr && found->inode != socket.inode) return std::nullopt;
    found = &socket;
  }
  if (found == nullptr || found->uid == 0 || found->uid == kNameless) return std::nullopt;
  return found->uid;
}

std::optional<uid_t> socket_owner(pid_t process, const TcpConnection& asked) {
  // Read in pieces, a table that changes meanwhile may leave a line out; hardly so twice.
  for (int attempt = 0; attempt < 2; ++attempt) {
    std::vector<TcpSocket> sockets;
    for (const char* name : {"/net/tcp", "/net/tcp6"}) {
      const auto text = read_file("/proc/" + std::to_string(process) + name, kTableBytes);
      if (!text && text.error().code != Code::not_found) return std::nullopt;
      if (!text) continue;
      for (const TcpSocket& socket : read_tcp_table(*text, asked.client.port))
        sockets.push_back(socket);
    }
    if (const auto owner = owner_of(sockets, asked)) return owner;
  }
  return std::nullopt;
}

}  // namespace reeve
