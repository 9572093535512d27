#include "bind/csrf.h"

#include <gtest/gtest.h>

#include "crypto/random.h"

namespace reeve {
namespace {

TEST(Csrf, a_token_holds_for_its_browser_and_its_form) {
  const Secret browser = random_token();
  const std::string token = csrf_token(browser, "/signin");
  EXPECT_EQ(token.size(), 43u);
  EXPECT_TRUE(csrf_holds(browser, "/signin", token));
  EXPECT_FALSE(csrf_holds(browser, "/signout", token));
  EXPECT_FALSE(csrf_holds(random_token(), "/signin", token));
}

TEST(Csrf, nothing_holds_without_a_browser) {
  EXPECT_FALSE(csrf_holds(Secret(), "/signin", ""));
  EXPECT_FALSE(csrf_holds(Secret(), "/signin", csrf_token(Secret(), "/signin")));
  EXPECT_FALSE(csrf_holds(Secret::copy_of("short"), "/signin", ""));
}

TEST(Csrf, a_part_or_a_change_of_a_token_does_not_hold) {
  const Secret browser = random_token();
  std::string token = csrf_token(browser, "/signin");
  EXPECT_FALSE(csrf_holds(browser, "/signin", ""));
  EXPECT_FALSE(csrf_holds(browser, "/signin", token.substr(1)));
  EXPECT_FALSE(csrf_holds(browser, "/signin", token + token));
  token[7] = token[7] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(csrf_holds(browser, "/signin", token));
}

}  // namespace
}  // namespace reeve
