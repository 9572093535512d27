#include "bind/cookies.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "crypto/random.h"

namespace reeve {
namespace {

const std::string kBrowser = "__Host-reeve-browser=" + std::string(42, 'b') + "A";
const std::string kFlow = "__Host-reeve-flow-abcd-_12=" + std::string(43, 'f');

TEST(Cookies, finds_the_browser_and_its_flows) {
  const auto cookies = parse_cookies("a=b; " + kBrowser + "; " + kFlow + "; c=d");
  ASSERT_TRUE(cookies);
  EXPECT_EQ(cookies->browser.reveal(), std::string(42, 'b') + "A");
  ASSERT_NE(cookies->flow("abcd-_12"), nullptr);
  EXPECT_EQ(cookies->flow("abcd-_12")->reveal(), std::string(43, 'f'));
  EXPECT_EQ(cookies->flow("ABCD-_12"), nullptr);
}

TEST(Cookies, an_empty_header_has_none) {
  EXPECT_TRUE(parse_cookies("")->browser.empty());
  EXPECT_TRUE(parse_cookies(" ; ;; ")->browser.empty());
}

TEST(Cookies, a_name_of_ours_that_stands_twice_is_refused) {
  EXPECT_FALSE(parse_cookies(kBrowser + "; " + kBrowser));
  EXPECT_FALSE(parse_cookies(kFlow + "; x=y; " + kFlow));
  EXPECT_FALSE(parse_cookies(kBrowser + "; __Host-reeve-browser="));
}

TEST(Cookies, a_value_of_another_shape_is_refused) {
  for (const std::string value : {"", "short", "\"quoted\"", "a=b"}) {
    EXPECT_FALSE(parse_cookies("__Host-reeve-browser=" + value)) << value;
    EXPECT_FALSE(parse_cookies("__Host-reeve-flow-12345678=" + value)) << value;
  }
  EXPECT_FALSE(parse_cookies("__Host-reeve-browser"));
  EXPECT_FALSE(parse_cookies("__Host-reeve-browser=" + std::string(44, 'b')));
  // The last character carries two bits that must be zero.
  EXPECT_FALSE(parse_cookies("__Host-reeve-browser=" + std::string(42, 'b') + "B"));
  EXPECT_FALSE(parse_cookies("__Host-reeve-flow-123=" + std::string(43, 'f')));
  EXPECT_FALSE(parse_cookies("__Host-reeve-flow-12345/78=" + std::string(43, 'f')));
  EXPECT_FALSE(parse_cookies("__Host-reeve-other=x"));
}

TEST(Cookies, strange_cookies_of_others_lock_nobody_out) {
  const auto cookies =
      parse_cookies("\"; =; ===; \xFF\xFE=\x80; a b=c; __host-reeve-browser=no; " + kBrowser);
  ASSERT_TRUE(cookies);
  EXPECT_FALSE(cookies->browser.empty());
}

TEST(Cookies, hundreds_of_others_do_not_matter) {
  std::string header;
  for (int i = 0; i < 600; ++i) header += "other" + std::to_string(i) + "=value; ";
  EXPECT_FALSE(parse_cookies(header + kBrowser)->browser.empty());
}

TEST(Cookies, more_flows_than_anybody_has_are_refused) {
  std::string header;
  for (int i = 0; i < 200; ++i) {
    header +=
        "__Host-reeve-flow-" + std::to_string(10000000 + i) + "=" + std::string(43, 'f') + ";";
  }
  EXPECT_FALSE(parse_cookies(header));
}

TEST(Cookies, are_set_with_every_protection) {
  const std::string value = set_browser_cookie(Secret::copy_of("VALUE"));
  EXPECT_EQ(value, "__Host-reeve-browser=VALUE; Path=/; Secure; HttpOnly; SameSite=Lax");
  EXPECT_EQ(set_flow_cookie("12345678", "FLOW"),
            "__Host-reeve-flow-12345678=FLOW; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=600");
  EXPECT_EQ(drop_flow_cookie("12345678"),
            "__Host-reeve-flow-12345678=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0");
  EXPECT_TRUE(drop_browser_cookie().ends_with("; Max-Age=0"));
}

TEST(Cookies, what_is_set_is_what_is_read) {
  const Secret browser = random_token();
  const std::string set = set_browser_cookie(browser);
  EXPECT_TRUE(parse_cookies(set.substr(0, set.find(';')))->browser.equals(browser.reveal()));
}

TEST(Cookies, a_flow_is_named_by_its_state) {
  // SHA-256("abc"), FIPS 180-2 B.1, begins with ba 78 16 bf 8f 01.
  EXPECT_EQ(flow_id("abc"), base64url("\xba\x78\x16\xbf\x8f\x01"));
  EXPECT_NE(flow_id("abc"), flow_id("abd"));
}

}  // namespace
}  // namespace reeve
