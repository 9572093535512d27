#include "peer/socket_owner.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "base/fd.h"

namespace reeve {
namespace {

constexpr uid_t kAlice = 1000, kBinder = 990;
constexpr uint16_t kServer = 8420, kClient = 50000;

// 127.0.0.1:50000 -> 127.0.0.1:8420, as /proc/net/tcp writes it on a little-endian machine.
std::string row(const std::string& local, const std::string& remote, const std::string& state,
                uid_t uid, uint64_t inode) {
  return "   7: " + local + " " + remote + " " + state +
         " 00000000:00000000 00:00000000 00000000 " + std::to_string(uid) + "        0 " +
         std::to_string(inode) + " 1 0000000000000000 20 4 30 10 -1\n";
}
const std::string kHead =
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout "
    "inode\n";
const std::string kHere = "0100007F:C350", kThere = "0100007F:20E4";

std::string pair(uid_t uid = kAlice, uint64_t inode = 11, const std::string& state = "01") {
  return row(kHere, kThere, state, uid, inode) + row(kThere, kHere, "01", kBinder, 12);
}

IpAddress loopback() { return *parse_ip("127.0.0.1"); }

std::optional<uid_t> owner(const std::string& text) {
  return owner_of(read_tcp_table(text, kClient), {{loopback(), kClient}, kServer, kBinder});
}

TEST(SocketOwner, T19_is_the_uid_of_the_end_that_leads_to_the_server) {
  EXPECT_EQ(owner(kHead + pair()), kAlice);
  EXPECT_EQ(owner(pair() + pair()), kAlice) << "a line that is shown twice";
}

TEST(SocketOwner, T19_is_nobody_where_the_end_is_closed_root_or_nameless) {
  EXPECT_EQ(owner(pair(0, 0, "01")), std::nullopt) << "closed: uid 0, no inode";
  EXPECT_EQ(owner(pair(kAlice, 0)), std::nullopt);
  EXPECT_EQ(owner(pair(0, 11)), std::nullopt);
  EXPECT_EQ(owner(pair(65534, 11)), std::nullopt);
  for (const char* state : {"02", "03", "04", "05", "06", "07", "08", "0A"})
    EXPECT_EQ(owner(pair(kAlice, 11, state)), std::nullopt) << state;
}

TEST(SocketOwner, T19_is_not_whoever_uses_the_same_port_for_another_server) {
  const std::string other = "0100007F:1F90";
  const std::string theirs =
      row(kHere, other, "01", 1001, 21) + row(other, kHere, "01", kBinder, 22);
  EXPECT_EQ(owner(theirs), std::nullopt);
  EXPECT_EQ(owner(theirs + pair()), kAlice);
  // A server of the attacker's own at the same port of another loopback address.
  const std::string fake = "0200007F:20E4";
  const std::string faked = row(kHere, fake, "01", 1001, 31) + row(fake, kHere, "01", 1001, 32);
  EXPECT_EQ(owner(faked), std::nullopt);
  EXPECT_EQ(owner(faked + pair()), kAlice);
  // Two that both lead to the server: neither counts.
  EXPECT_EQ(owner(row(kHere, fake, "01", 1001, 31) + row(fake, kHere, "01", kBinder, 32) + pair()),
            std::nullopt);
}

TEST(SocketOwner, is_nobody_where_the_server_does_not_have_the_other_end) {
  EXPECT_EQ(owner(row(kHere, kThere, "01", kAlice, 11)), std::nullopt);
  EXPECT_EQ(owner(row(kHere, kThere, "01", kAlice, 11) + row(kThere, kHere, "01", kAlice, 12)),
            std::nullopt);
  EXPECT_EQ(owner(row(kHere, kThere, "01", kAlice, 11) + row(kThere, kHere, "01", kBinder, 0)),
            std::nullopt);
}

TEST(SocketOwner, reads_both_versions_and_mapped_addresses) {
  const std::string mapped = "0000000000000000FFFF00000100007F:";
  EXPECT_EQ(owner(row(mapped + "C350", mapped + "20E4", "01", kAlice, 11) +
                  row(kThere, kHere, "01", kBinder, 12)),
            kAlice);
  const std::string one = "00000000000000000000000001000000:";
  const std::string text = row(one + "C350", one + "20E4", "01", kAlice, 11) +
                           row(one + "20E4", one + "C350", "01", kBinder, 12);
  EXPECT_EQ(owner(text), std::nullopt) << "another address";
  EXPECT_EQ(
      owner_of(read_tcp_table(text, kClient), {{*parse_ip("::1"), kClient}, kServer, kBinder}),
      kAlice);
}

TEST(SocketOwner, comes_over_loopback_only) {
  const std::string away = "0100000A:C350";
  const std::string text =
      row(away, kThere, "01", kAlice, 11) + row(kThere, away, "01", kBinder, 12);
  EXPECT_EQ(
      owner_of(read_tcp_table(text, kClient), {{*parse_ip("10.0.0.1"), kClient}, kServer, kBinder}),
      std::nullopt);
}

TEST(SocketOwner, leaves_out_lines_that_are_not_as_they_should_be) {
  for (const std::string& bad :
       {std::string(), kHead, std::string("\n\n"), std::string("   7:"), pair().substr(0, 60),
        row("0100007F:C35", "", "01", 1, 1), row("0100007G:C350", kThere, "01", 1, 1),
        row(kHere, kThere, "01", 1, 1).substr(5), row("0100007F0:C350", kThere, "01", 1, 1),
        row("0100007F:1C350", kThere, "01", 1, 1), row(kHere, kThere, "1FFFFFFFF", 1, 1)}) {
    EXPECT_TRUE(read_tcp_table(bad, kClient).empty()) << bad;
    EXPECT_EQ(owner(bad + "\n" + pair()), kAlice) << bad;
  }
  EXPECT_TRUE(read_tcp_table(pair(), 1).empty()) << "of other ports";
}

// A connection of this machine's, made by a child; as root it is another user's.
TEST(SocketOwner, T19_finds_a_real_connection_and_no_more_once_it_is_closed) {
  const Fd listening(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(listening.get(), name, size), 0);
  ASSERT_EQ(::listen(listening.get(), 1), 0);
  ASSERT_EQ(::getsockname(listening.get(), name, &size), 0);
  int gate[2];
  ASSERT_EQ(::pipe(gate), 0);
  const uid_t uid = ::getuid() == 0 ? 64121 : ::getuid();
  const pid_t child = ::fork();
  if (child == 0) {
    if (::getuid() == 0 && ::setuid(uid) != 0) ::_exit(1);
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    if (::connect(fd, name, size) != 0) ::_exit(2);
    char byte = 0;
    ::_exit(::read(gate[0], &byte, 1) == 1 ? 0 : 3);
  }
  sockaddr_in from{};
  socklen_t from_size = sizeof from;
  const Fd accepted(::accept(listening.get(), reinterpret_cast<sockaddr*>(&from), &from_size));
  ASSERT_TRUE(accepted);
  const TcpConnection asked{
      {loopback(), ntohs(from.sin_port)}, ntohs(address.sin_port), ::getuid()};
  EXPECT_EQ(socket_owner(::getpid(), asked), uid);
  TcpConnection other = asked;
  other.server_uid = uid + 1;
  EXPECT_EQ(socket_owner(::getpid(), other), std::nullopt);
  ASSERT_EQ(::write(gate[1], "x", 1), 1);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  EXPECT_EQ(socket_owner(::getpid(), asked), std::nullopt);
  ::close(gate[0]);
  ::close(gate[1]);
}

}  // namespace
}  // namespace reeve
