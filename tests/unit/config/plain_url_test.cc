#include "config/plain_url.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(PlainUrl, has_its_parts) {
  const auto url = parse_plain_url("https://a.example:8443/x/y?b=c");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->https);
  EXPECT_EQ(url->host, "a.example");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->path, "/x/y");
  EXPECT_TRUE(url->has_query);
  EXPECT_EQ(url->query, "b=c");
  EXPECT_EQ(parse_plain_url("http://[::1]:80?x")->host, "[::1]");
  EXPECT_EQ(parse_plain_url("https://a.example")->path, "");
}

TEST(PlainUrl, refuses_whatever_is_odd) {
  for (const char* text : {"",
                           "https://",
                           "https:///x",
                           "ftp://a.example",
                           "HTTPS://a.example",
                           "https://A.example",
                           "//a.example",
                           "https://u@a.example",
                           "https://u:p@a.example",
                           "https://a.example#f",
                           "https://a.example/ x",
                           "https://a.example/\n",
                           "https://a.example\\@b.example",
                           "https://a..example",
                           "https://.a",
                           "https://a.",
                           "https://a.example:0",
                           "https://a.example:",
                           "https://a.example:65536",
                           "https://a.example:080",
                           "https://a.example:1x",
                           "https://[::1",
                           "https://::1",
                           "https://[::1]x",
                           "https://[1.2.3.4]",
                           "https://127.1",
                           "https://0x7f000001",
                           "https://2130706433",
                           "https://127.0.0.01",
                           "https://1.2.3.256",
                           "https://a.0x7f",
                           "https://%61.example",
                           "https://a_b.example",
                           "https://\xc3\xa4.example",
                           "https://[0:0:0:0:0:0:0:1]",
                           "https://a.example/{x}"}) {
    EXPECT_FALSE(parse_plain_url(text)) << text;
  }
}

TEST(PlainUrl, knows_loopback_hosts_by_their_text) {
  for (const char* host : {"localhost", "idp.localhost", "127.0.0.1", "127.9.9.9", "[::1]"}) {
    EXPECT_TRUE(is_loopback_host(host)) << host;
  }
  for (const char* host : {"localhost.example", "127.0.0.1.example", "128.0.0.1", "[::2]",
                           "127.example", "notlocalhost", "[::ffff:127.0.0.1]"}) {
    EXPECT_FALSE(is_loopback_host(host)) << host;
  }
}

TEST(PlainUrl, matches_hosts_below_a_name_and_no_others) {
  EXPECT_TRUE(is_host_pattern("*.example.com"));
  EXPECT_FALSE(is_host_pattern("*.com"));
  EXPECT_FALSE(is_host_pattern("*"));
  EXPECT_FALSE(is_host_pattern("*.0.0.1"));
  EXPECT_FALSE(is_host_pattern("a.*.example.com"));
  EXPECT_TRUE(host_matches("*.example.com", "a.example.com"));
  EXPECT_FALSE(host_matches("*.example.com", "example.com"));
  EXPECT_FALSE(host_matches("*.example.com", "evilexample.com"));
  EXPECT_FALSE(host_matches("*.example.com", ".example.com"));
  EXPECT_FALSE(host_matches("example.com", "a.example.com"));
}

}  // namespace
}  // namespace reeve
