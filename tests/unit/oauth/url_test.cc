#include "oauth/url.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(Url, takes_a_url_apart) {
  const auto url = parse_url("https://Login.Example.com:8443/a/b%20c?x=1&y=%2F#f?/");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->scheme, "https");
  EXPECT_EQ(url->host, "login.example.com");
  EXPECT_EQ(url->port, 8443);
  EXPECT_EQ(url->path, "/a/b%20c");
  EXPECT_EQ(url->query, "x=1&y=%2F");
  EXPECT_TRUE(url->has_query);
  EXPECT_TRUE(url->has_fragment);
  EXPECT_EQ(url->origin(), "https://login.example.com:8443");
}

TEST(Url, knows_the_schemes_ports) {
  EXPECT_EQ(parse_url("https://a.b")->origin(), "https://a.b");
  EXPECT_EQ(parse_url("https://a.b:443/")->origin(), "https://a.b");
  EXPECT_EQ(parse_url("http://a.b:443/")->origin(), "http://a.b:443");
  EXPECT_EQ(parse_url("http://[::1]:80")->origin(), "http://[::1]");
  EXPECT_EQ(parse_url("http://[::1]:8080/x")->origin(), "http://[::1]:8080");
}

TEST(Url, refuses_what_two_programs_may_read_differently) {
  const char* cases[] = {
      "",
      "https",
      "https:",
      "https:/a.b",
      "https://",
      "https:///a",
      "//a.b",
      "ftp://a.b",
      "HTTPS://a.b",
      "javascript:alert(1)",
      "https:a.b",
      " https://a.b",
      "https://a.b ",
      "https://a.b\n",
      "https://a.b/\tx",
      "https://a.b/x y",
      "https://a.b\\@c.d/",
      "https://user@a.b",
      "https://user:pw@a.b/",
      "https://@a.b",
      "https://a.b@",
      "https://a_b.c",
      "https://a%2eb",
      "https://a..b",
      "https://.a",
      "https://a.",
      "https://-a.b",
      "https://a-.b",
      "https://\xC3\xA9.b",
      "https://a.b/\xC3\xA9",
      "https://a.b:",
      "https://a.b:0",
      "https://a.b:080",
      "https://a.b:65536",
      "https://a.b:1:2",
      "https://a.b:x",
      "https://a.b:-1",
      "https://127.1",
      "https://2130706433",
      "https://0x7f.0.0.1",
      "https://0x7f000001",
      "https://0177.0.0.1",
      "https://127.0.0.1.",
      "https://1.2.3.4.5",
      "https://1.2.3.256",
      "https://a.1",
      "https://a.0x1",
      "https://[::1",
      "https://::1",
      "https://[::1]x",
      "https://[::1%25eth0]",
      "https://[v1.x]",
      "https://[]",
      "https://a.b/%",
      "https://a.b/%2",
      "https://a.b/%zz",
      "https://a.b/../c",
      "https://a.b/.",
      "https://a.b/c/..",
      "https://a.b/%2e%2E/c",
      "https://a.b/x\"y",
      "https://a.b/<",
      "https://a.b/?a|b",
      "https://a.b/#\x7f",
      "https://a.b/[x]",
  };
  for (const char* text : cases) EXPECT_FALSE(parse_url(text)) << text;
  EXPECT_FALSE(parse_url("https://a.b/" + std::string(2048, 'a')));
  EXPECT_FALSE(parse_url("https://" + std::string(64, 'a') + ".b"));
  EXPECT_FALSE(parse_url(std::string("https://a.b/\0x", 14)));
}

TEST(Url, knows_loopback_by_the_text) {
  for (const char* text : {"http://localhost", "http://idp.localhost:1", "http://127.0.0.1",
                           "http://127.9.9.9:8", "http://[::1]/"}) {
    EXPECT_TRUE(parse_url(text)->loopback()) << text;
  }
  for (const char* text : {"http://localhost.example.com", "http://notlocalhost",
                           "http://128.0.0.1", "http://127.0.0.1.example.com", "http://[::2]",
                           "http://0.0.0.0", "http://[::ffff:127.0.0.1]"}) {
    EXPECT_FALSE(parse_url(text)->loopback()) << text;
  }
}

TEST(Url, judges_endpoints_and_issuers) {
  struct Row {
    const char* text;
    bool endpoint, loopback_endpoint, issuer;
  };
  const Row rows[] = {
      {"https://a.b/token", true, true, true},    {"https://a.b/token?p=1", true, true, false},
      {"https://a.b/#x", false, false, false},    {"https://a.b/#", false, false, false},
      {"http://a.b/", false, false, false},       {"http://127.0.0.1:9/", false, true, false},
      {"http://localhost/x", false, true, false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(bool(parse_endpoint(row.text, false)), row.endpoint) << row.text;
    EXPECT_EQ(bool(parse_endpoint(row.text, true)), row.loopback_endpoint) << row.text;
    EXPECT_EQ(bool(parse_issuer(row.text, false)), row.issuer) << row.text;
  }
  EXPECT_TRUE(parse_issuer("http://127.0.0.1:9", true));
}

TEST(Url, allows_listed_hosts_only) {
  const std::vector<std::string> hosts = {"github.com", "*.example.com"};
  for (const char* text : {"https://github.com/", "https://GitHub.com:8443/",
                           "https://a.example.com", "https://a.b.example.com"}) {
    EXPECT_TRUE(host_allowed(*parse_url(text), hosts)) << text;
  }
  for (const char* text : {"https://example.com", "https://api.github.com", "https://xexample.com",
                           "https://github.com.evil.net", "https://evilgithub.com"}) {
    EXPECT_FALSE(host_allowed(*parse_url(text), hosts)) << text;
  }
  EXPECT_TRUE(host_allowed(*parse_url("https://any.where"), {}));
}

TEST(Url, takes_host_patterns_that_mean_something) {
  for (const char* text : {"a.b", "*.a.b", "localhost", "127.0.0.1", "[::1]"}) {
    EXPECT_TRUE(valid_host_pattern(text)) << text;
  }
  for (const char* text : {"", "*", "*.", "*.com", "a.*", "*a.b", "A.b", "a.b/", "https://a.b",
                           "a.b:443", "*.*.a.b"}) {
    EXPECT_FALSE(valid_host_pattern(text)) << text;
  }
}

}  // namespace
}  // namespace reeve
