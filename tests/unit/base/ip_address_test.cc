#include "base/ip_address.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

namespace reeve {
namespace {

TEST(IpAddress, reads_no_other_notation) {
  for (const char* text : {"", "1", "1.2.3", "01.2.3.4", "1.2.3.04", "0x7f.0.0.1", "127.1",
                           "1.2.3.4.", "256.1.1.1", " 1.1.1.1", "1.1.1.1 ", "fe80::1%eth0", "[::1]",
                           "::1%1", ":::", "1:2:3:4:5:6:7:8:9", "2130706433", "localhost"}) {
    EXPECT_FALSE(parse_ip(text)) << text;
  }
  EXPECT_FALSE(parse_ip(std::string_view("1.1.1.1\0.x", 10)));
}

TEST(IpAddress, reads_socket_addresses) {
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto* const first = reinterpret_cast<const sockaddr*>(&v4);
  ASSERT_TRUE(ip_of(first, sizeof v4));
  EXPECT_TRUE(is_loopback(*ip_of(first, sizeof v4)));
  EXPECT_FALSE(ip_of(first, sizeof v4 - 1));

  sockaddr_in6 v6{};
  v6.sin6_family = AF_INET6;
  v6.sin6_addr = in6addr_loopback;
  const auto* const second = reinterpret_cast<const sockaddr*>(&v6);
  ASSERT_TRUE(ip_of(second, sizeof v6));
  EXPECT_TRUE(is_loopback(*ip_of(second, sizeof v6)));
  EXPECT_FALSE(ip_of(second, sizeof v6 - 1));

  v6.sin6_family = AF_UNIX;
  EXPECT_FALSE(ip_of(second, sizeof v6));
}

TEST(IpAddress, of_a_mapped_one_is_the_ipv4_address) {
  EXPECT_EQ(unmapped(*parse_ip("::ffff:192.0.2.1")).octets, parse_ip("192.0.2.1")->octets);
  EXPECT_FALSE(unmapped(*parse_ip("::ffff:192.0.2.1")).v6);
  EXPECT_TRUE(unmapped(*parse_ip("::fffe:192.0.2.1")).v6);
  EXPECT_TRUE(unmapped(*parse_ip("2001:db8::1")).v6);
}

TEST(IpNetwork, holds_what_begins_as_it_does) {
  const struct {
    const char* network;
    const char* inside;
    const char* outside;
  } rows[] = {{"10.0.0.0/8", "10.255.0.1", "11.0.0.0"},
              {"192.0.2.128/25", "192.0.2.255", "192.0.2.127"},
              {"192.0.2.7", "192.0.2.7", "192.0.2.6"},
              {"0.0.0.0/0", "255.255.255.255", "::1"},
              {"2001:db8::/32", "2001:db8:ffff::1", "2001:db9::"},
              {"::1", "::1", "::2"},
              {"::/0", "ff02::1", "0.0.0.0"}};
  for (const auto& row : rows) {
    const auto network = parse_network(row.network);
    ASSERT_TRUE(network) << row.network;
    EXPECT_TRUE(contains(*network, *parse_ip(row.inside))) << row.network;
    EXPECT_FALSE(contains(*network, *parse_ip(row.outside))) << row.network;
  }
}

TEST(IpNetwork, is_read_strictly) {
  for (const char* text : {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08",
                           "10.0.0.0/8 ", "10.0.0.1/8", "10.0.0.0/8/8", "10/8", "2001:db8::/129",
                           "2001:db8::1/64", "10.0.0.0/0x8", "localhost"}) {
    EXPECT_FALSE(parse_network(text)) << text;
  }
}

}  // namespace
}  // namespace reeve
