#include "fetch/url_guard.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

struct Good {
  const char* text;
  const char* host;
  int port;
  const char* canonical;
};

TEST(UrlGuard, reads_https_urls) {
  const Good rows[] = {
      {"https://example.com", "example.com", 443, "https://example.com:443/"},
      {"https://example.com/", "example.com", 443, "https://example.com:443/"},
      {"https://Example.COM/Path", "example.com", 443, "https://example.com:443/Path"},
      {"https://example.com?a=b", "example.com", 443, "https://example.com:443/?a=b"},
      {"https://example.com:8443/a?b=c&d=%2F?/", "example.com", 8443,
       "https://example.com:8443/a?b=c&d=%2F?/"},
      {"https://a-b.c1.example/a/../b", "a-b.c1.example", 443, "https://a-b.c1.example:443/a/../b"},
      {"https://xn--bcher-kva.example/", "xn--bcher-kva.example", 443,
       "https://xn--bcher-kva.example:443/"},
      {"https://intranet/", "intranet", 443, "https://intranet:443/"},
      {"https://1password.com/", "1password.com", 443, "https://1password.com:443/"},
      {"https://1.2.3.4:1/", "1.2.3.4", 1, "https://1.2.3.4:1/"},
      {"https://[2606:4700::1111]/", "2606:4700::1111", 443, "https://[2606:4700::1111]:443/"},
      {"https://[::FFFF:1.2.3.4]:65535/", "::ffff:1.2.3.4", 65535,
       "https://[::ffff:1.2.3.4]:65535/"},
      {"https://example.com/~user/@me:x;y=(1)*!$&'+,", "example.com", 443,
       "https://example.com:443/~user/@me:x;y=(1)*!$&'+,"},
      {"https://example.com/http://other.example/", "example.com", 443,
       "https://example.com:443/http://other.example/"},
      {"https://example.com?@other.example", "example.com", 443,
       "https://example.com:443/?@other.example"},
  };
  for (const Good& row : rows) {
    const auto url = guard_url(row.text, false);
    ASSERT_TRUE(url) << row.text << ": " << url.error().text;
    EXPECT_TRUE(url->tls);
    EXPECT_EQ(url->host, row.host);
    EXPECT_EQ(url->port, row.port);
    EXPECT_EQ(url->text, row.canonical);
  }
}

TEST(UrlGuard, refuses_what_two_readers_could_understand_differently) {
  const std::string_view rows[] = {
      "",
      "example.com",
      "//example.com/",
      "https:/example.com",
      "https:example.com",
      "https://",
      "https:///path",
      "https://?q",
      "HTTPS://example.com/",
      " https://example.com/",
      "https://example.com/ ",
      "https://example.com/a b",
      "https://example.com/\r\nX: y",
      "https://example.com/\t",
      std::string_view("https://example.com/\0", 21),
      std::string_view("https://example.com\0.evil.example/", 34),
      "https://example.com/\x80",
      "https://b\xc3\xbc"
      "cher.example/",
      "https://ex\xe2\x84\xaa"
      "ample.com/",
      "https://user@example.com/",
      "https://user:pass@example.com/",
      "https://@example.com/",
      "https://example.com@evil.example/",
      "https://example.com:443@evil.example/",
      "https://example.com\\@evil.example/",
      "https://example.com\\.evil.example/",
      "https://evil.example\\example.com/",
      "https://example.com/#fragment",
      "https://example.com#@evil.example/",
      "https://example.com/?q#",
      "https://example.com./",
      "https://.example.com/",
      "https://example..com/",
      "https://./",
      "https://-a.example/",
      "https://a-.example/",
      "https://a_b.example/",
      "https://a%2eb.example/",
      "https://%31%32%37.0.0.1/",
      "https://127.0.0.1%2f@evil.example/",
      "https://ex*mple.com/",
      "https://example.com,evil.example/",
      "https://example.com;evil.example/",
      "https://example.com&evil.example/",
      "https://example.com:/",
      "https://example.com:0/",
      "https://example.com:00443/",
      "https://example.com:0443/",
      "https://example.com:65536/",
      "https://example.com:99999999999/",
      "https://example.com:-1/",
      "https://example.com:+443/",
      "https://example.com: 443/",
      "https://example.com:443:443/",
      "https://example.com:0x1bb/",
      "https://example.com:https/",
      "https://example.com/%",
      "https://example.com/%4",
      "https://example.com/%zz",
      "https://example.com/<script>",
      "https://example.com/\"",
      "https://example.com/{a}",
      "https://example.com/a|b",
      "https://example.com/a^b",
      "https://example.com/`",
      "https://example.com/?a[]=1",
      // Numbers that some readers take for addresses.
      "https://2130706433/",
      "https://0x7f000001/",
      "https://0X7F.1/",
      "https://017700000001/",
      "https://127.1/",
      "https://127.0.1/",
      "https://0177.0.0.1/",
      "https://0x7f.0.0.1/",
      "https://127.0.0.01/",
      "https://127.0.0.1./",
      "https://127.0.0.1.1/",
      "https://127.0.0.256/",
      "https://1.2.3.4.example.5/",
      "https://example.0x10/",
      "https://example.0x/",
      "https://1/",
      // Brackets and zones.
      "https://::1/",
      "https://[::1/",
      "https://::1]/",
      "https://[]/",
      "https://[1.2.3.4]/",
      "https://[example.com]/",
      "https://[fe80::1%25eth0]/",
      "https://[fe80::1%eth0]/",
      "https://[::1]x/",
      "https://[::1]443/",
      "https://[::1].example.com/",
      "https://x[::1]/",
      "https://[[::1]]/",
      "https://[::1]]/",
      "https://[v1.x]/",
      "https://[::ffff:127.1]/",
      "https://[1:2:3:4:5:6:7:8:9]/",
      // Other schemes.
      "http://example.com/",
      "ftp://example.com/",
      "file:///etc/passwd",
      "gopher://example.com/",
      "javascript:alert(1)",
      "data:text/plain,x",
      "httpss://example.com/",
      "https+unix://example.com/",
  };
  for (const std::string_view row : rows) {
    EXPECT_FALSE(guard_url(row, false)) << row;
    EXPECT_FALSE(guard_url(row, true)) << row;
  }
}

TEST(UrlGuard, bounds_names_and_texts) {
  const std::string label(63, 'a');
  EXPECT_TRUE(guard_url("https://" + label + ".example/", false));
  EXPECT_FALSE(guard_url("https://" + label + "a.example/", false));
  const std::string long_name = label + "." + label + "." + label + "." + std::string(61, 'b');
  EXPECT_TRUE(guard_url("https://" + long_name + "/", false));
  EXPECT_FALSE(guard_url("https://" + long_name + "b/", false));
  EXPECT_TRUE(guard_url("https://a.example/" + std::string(kUrlBytes - 18, 'x'), false));
  EXPECT_FALSE(guard_url("https://a.example/" + std::string(kUrlBytes - 17, 'x'), false));
}

TEST(UrlGuard, lets_plain_http_go_to_loopback_only_and_only_where_asked_for) {
  for (const char* text :
       {"http://127.0.0.1/", "http://127.0.0.2:8080/a?b", "http://127.255.255.255/",
        "http://[::1]:80/", "http://[::ffff:127.0.0.1]/", "http://localhost/",
        "http://LOCALHOST:1/", "http://idp.localhost/"}) {
    EXPECT_FALSE(guard_url(text, false)) << text;
    const auto url = guard_url(text, true);
    ASSERT_TRUE(url) << text;
    EXPECT_FALSE(url->tls);
  }
  for (const char* text :
       {"http://example.com/", "http://10.0.0.1/", "http://169.254.169.254/", "http://128.0.0.1/",
        "http://0.0.0.0/", "http://[::]/", "http://[::2]/", "http://[::127.0.0.1]/",
        "http://[64:ff9b::127.0.0.1]/", "http://localhost.example/", "http://xlocalhost/",
        "http://localhost./", "http://.localhost/", "http://127.1/", "http://2130706433/"}) {
    EXPECT_FALSE(guard_url(text, true)) << text;
  }
  const auto url = guard_url("http://localhost/", true);
  EXPECT_EQ(url->port, 80);
  EXPECT_EQ(url->text, "http://localhost:80/");
}

TEST(UrlGuard, does_not_quote_the_url_in_its_errors) {
  const auto url = guard_url("https://example.com/#s3cret", false);
  ASSERT_FALSE(url);
  EXPECT_EQ(url.error().text.find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace reeve
