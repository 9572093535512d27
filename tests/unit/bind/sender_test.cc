#include "bind/sender.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

std::vector<IpNetwork> networks(const std::vector<std::string_view>& texts) {
  std::vector<IpNetwork> networks;
  for (const auto text : texts) networks.push_back(*parse_network(text));
  return networks;
}

std::string sender(std::string_view peer, const std::vector<std::string_view>& forwarded,
                   const std::vector<std::string_view>& proxies) {
  return sender_of(*parse_ip(peer), forwarded, networks(proxies));
}

TEST(Sender, is_who_connects) {
  EXPECT_EQ(sender("192.0.2.1", {}, {}), "c0000201");
  EXPECT_EQ(sender("::ffff:192.0.2.1", {}, {}), "c0000201");
  EXPECT_EQ(sender("2001:db8:0:1:2::3", {}, {}), "20010db800000001") << "the /64";
  EXPECT_EQ(sender("127.0.0.1", {}, {}), "") << "stands for everybody";
  EXPECT_EQ(sender("::1", {}, {}), "");
}

TEST(Sender, nobody_is_believed_who_is_no_configured_proxy) {
  EXPECT_EQ(sender("192.0.2.1", {"198.51.100.9"}, {}), "c0000201");
  EXPECT_EQ(sender("192.0.2.1", {"198.51.100.9"}, {"192.0.2.2"}), "c0000201");
  EXPECT_EQ(sender("127.0.0.1", {"198.51.100.9"}, {"::1"}), "");
}

TEST(Sender, behind_a_proxy_is_who_asked_it) {
  EXPECT_EQ(sender("127.0.0.1", {"198.51.100.9"}, {"127.0.0.1"}), "c6336409");
  EXPECT_EQ(sender("::1", {"2001:db8::9"}, {"::1"}), "20010db800000000");
  EXPECT_EQ(sender("::ffff:10.0.0.1", {" 198.51.100.9\t"}, {"10.0.0.0/8"}), "c6336409");
}

TEST(Sender, what_a_client_wrote_itself_is_not_reached) {
  EXPECT_EQ(sender("127.0.0.1", {"203.0.113.1, 198.51.100.9"}, {"127.0.0.1"}), "c6336409");
  EXPECT_EQ(sender("127.0.0.1", {"203.0.113.1", "198.51.100.9"}, {"127.0.0.1"}), "c6336409");
  EXPECT_EQ(sender("127.0.0.1", {"127.0.0.1, 198.51.100.9"}, {"127.0.0.1"}), "c6336409");
}

TEST(Sender, a_row_of_proxies_is_walked_back) {
  const std::vector<std::string_view> proxies{"127.0.0.1", "10.0.0.0/8"};
  EXPECT_EQ(sender("127.0.0.1", {"203.0.113.1, 198.51.100.9, 10.1.2.3, 10.0.0.7"}, proxies),
            "c6336409");
  EXPECT_EQ(sender("127.0.0.1", {"203.0.113.1, 198.51.100.9", "10.0.0.7"}, proxies), "c6336409");
  EXPECT_EQ(sender("127.0.0.1", {"10.1.2.3"}, proxies), "0a010203") << "the proxy itself asks";
}

TEST(Sender, what_is_no_address_ends_the_walk) {
  for (const char* text : {"unknown", "_hidden", "198.51.100.9:80", "[::1]", "x, ", ",", " "}) {
    EXPECT_EQ(sender("10.0.0.1", {text}, {"10.0.0.0/8"}), "0a000001") << text;
  }
  EXPECT_EQ(sender("10.0.0.1", {"198.51.100.9, junk, 10.0.0.2"}, {"10.0.0.0/8"}), "0a000002");
  EXPECT_EQ(sender("10.0.0.1", {""}, {"10.0.0.0/8"}), "0a000001");
  EXPECT_EQ(sender("10.0.0.1", {}, {"10.0.0.0/8"}), "0a000001");
}

}  // namespace
}  // namespace reeve
