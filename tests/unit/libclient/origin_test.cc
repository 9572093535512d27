#include "cli/origin.h"

#include <gtest/gtest.h>

namespace reeve::cli {
namespace {

TEST(Origin, is_read_from_urls_of_hosts_only) {
  const auto origin = parse_origin("HTTPS://Git.Example.com:8443/org/tool.git/");
  ASSERT_TRUE(origin);
  EXPECT_EQ(origin->scheme, "https");
  EXPECT_EQ(origin->host, "git.example.com");
  EXPECT_EQ(origin->port, "8443");
  EXPECT_EQ(origin->path, "org/tool.git");
  EXPECT_EQ(parse_origin("https://[::1]:80/")->host, "[::1]");
  for (const char* url :
       {"", "git.example.com", "https://", "https:///x", "ssh://git.example.com", "file:///etc",
        "https://user@git.example.com", "https://git.example.com:x",
        "https://git.example.com:", "https://git example.com", "https://git.example.com:123456",
        "https://*.example.com", "https://[::1", "https://a\nb"}) {
    EXPECT_FALSE(parse_origin(url)) << url;
  }
}

TEST(Origin, covers_what_is_the_same_or_lies_below_it) {
  const struct {
    const char *rule, *asked;
    bool covered;
  } table[] = {
      {"https://a.example", "https://a.example/org/x", true},
      {"https://a.example", "https://A.EXAMPLE:443", true},
      {"https://a.example:443", "https://a.example", true},
      {"https://a.example", "http://a.example", false},
      {"https://a.example", "https://a.example:8443", false},
      {"https://a.example", "https://a.example.evil", false},
      {"https://a.example", "https://x.a.example", false},
      {"https://a.example/org", "https://a.example/org", true},
      {"https://a.example/org/", "https://a.example/org/tool", true},
      {"https://a.example/org", "https://a.example/organisation", false},
      {"https://a.example/org", "https://a.example/org/../other", false},
      {"https://a.example/org", "https://a.example", false},
  };
  for (const auto& row : table) {
    EXPECT_EQ(covers(*parse_origin(row.rule), *parse_origin(row.asked)), row.covered)
        << row.rule << " " << row.asked;
  }
}

TEST(Origin, takes_tokens_over_tls_or_on_this_machine) {
  for (const char* url : {"https://a.example", "http://127.0.0.1:80", "http://127.9.9.9",
                          "http://localhost:3000", "http://[::1]"}) {
    EXPECT_TRUE(fit_for_tokens(*parse_origin(url))) << url;
  }
  for (const char* url : {"http://a.example", "http://127.0.0.1.evil.example", "http://10.0.0.1",
                          "http://localhost.example", "http://[::2]"}) {
    EXPECT_FALSE(fit_for_tokens(*parse_origin(url))) << url;
  }
}

}  // namespace
}  // namespace reeve::cli
