// socket_owner: whose process holds the other end of a TCP connection that stays on this host.
//
// /proc/PID/net/tcp and tcp6 list the sockets of PID's network namespace with the uid of each one's
// owner, which the kernel wrote at socket(2) or accept(2). A process cannot make that another uid,
// and cannot have a row of an address and port that are somebody else's while they last. What it
// can do is close: a socket that no process has any more shows uid 0 and no inode, so neither
// counts. A port may carry several connections at once, to different servers: only the one to
// that server counts, which a row of the server's own, with the server's uid, must confirm.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>
#include <vector>

#include "base/ip_address.h"

namespace reeve {

struct TcpEnd {
  IpAddress address;
  uint16_t port = 0;

  bool operator==(const TcpEnd& other) const;
};

// One line of the table.
struct TcpSocket {
  TcpEnd local, remote;
  bool established = false;
  uid_t uid = 0;
  uint64_t inode = 0;  // 0: no process has it
};

// The sockets with that port at one of their ends; lines that are not as proc_net(5) has them are
// left out. Addresses are unmapped() ones.
std::vector<TcpSocket> read_tcp_table(std::string_view text, uint16_t port);

// A connection: from where it comes, and whom it must lead to.
struct TcpConnection {
  TcpEnd client;
  uint16_t server_port = 0;
  uid_t server_uid = 0;
};

// Who made it. Nobody: it is not there, or not only once, does not come from loopback and end
// there, or is root's or of a uid that has no name here (65534).
std::optional<uid_t> owner_of(const std::vector<TcpSocket>& sockets, const TcpConnection& asked);

// The same as the network namespace of that process has it now.
std::optional<uid_t> socket_owner(pid_t process, const TcpConnection& asked);

}  // namespace reeve
