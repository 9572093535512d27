#include "bind/site.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(Site, is_taken_apart_as_browsers_write_it) {
  const auto site = parse_site("https://Agents.Example.COM:443/");
  ASSERT_TRUE(site);
  EXPECT_EQ(site->origin, "https://agents.example.com");
  EXPECT_EQ(site->authority, "agents.example.com");
  EXPECT_TRUE(site->https);
}

TEST(Site, keeps_a_port_that_is_not_the_schemes_own) {
  EXPECT_EQ(parse_site("https://a.example:8443")->authority, "a.example:8443");
  EXPECT_EQ(parse_site("http://127.0.0.1:8420")->origin, "http://127.0.0.1:8420");
  EXPECT_EQ(parse_site("http://[::1]:8420")->authority, "[::1]:8420");
  EXPECT_EQ(parse_site("http://localhost:80")->authority, "localhost");
}

TEST(Site, allows_plain_http_on_loopback_only) {
  EXPECT_TRUE(parse_site("http://bind.localhost:8420"));
  EXPECT_FALSE(parse_site("http://agents.example.com"));
  EXPECT_FALSE(parse_site("http://10.0.0.1"));
  EXPECT_FALSE(parse_site("http://127.0.0.1.example.com"));
  EXPECT_FALSE(parse_site("http://127.1"));
}

TEST(Site, refuses_everything_beside_scheme_host_and_port) {
  for (const char* url : {"", "agents.example.com", "ftp://a.example", "https://",
                          "https://a.example/path", "https://a.example?x", "https://a.example#x",
                          "https://user@a.example", "https://a b", "https://a.example:",
                          "https://a.example:0", "https://a.example:99999", "https://a.example:12a",
                          "https://[::1", "https://\xC3\xA4.example", "https://a.example//"}) {
    EXPECT_FALSE(parse_site(url)) << url;
  }
}

}  // namespace
}  // namespace reeve
