// Arbitrary text as /proc/net/tcp: never a crash; whoever is named stands in a line of the table
// that is open, has an inode, and is neither root nor nameless.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "peer/socket_owner.h"

namespace {

constexpr uint16_t kClient = 50000, kServer = 8420;
constexpr uid_t kBinder = 990;

void check(bool holds) {
  if (!holds) std::abort();
}

void check_for(const std::vector<reeve::TcpSocket>& sockets, std::string_view address) {
  const reeve::TcpConnection asked{{*reeve::parse_ip(address), kClient}, kServer, kBinder};
  const auto owner = reeve::owner_of(sockets, asked);
  if (!owner) return;
  check(*owner != 0 && *owner != 65534);
  bool stands = false;
  for (const reeve::TcpSocket& socket : sockets) {
    stands = stands || (socket.uid == *owner && socket.established && socket.inode != 0 &&
                        socket.local == asked.client && socket.remote.port == kServer);
  }
  check(stands);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto sockets =
      reeve::read_tcp_table(std::string_view(reinterpret_cast<const char*>(data), size), kClient);
  for (const reeve::TcpSocket& socket : sockets)
    check(socket.local.port == kClient || socket.remote.port == kClient);
  check_for(sockets, "127.0.0.1");
  check_for(sockets, "::1");
  return 0;
}
