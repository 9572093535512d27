#include "bind/routes.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

using Kind = Route::Kind;

TEST(Routes, are_found_by_their_paths) {
  const struct {
    const char* path;
    Kind kind;
    const char* argument;
    const char* allow;
  } known[] = {
      {"/", Kind::home, "", "GET, HEAD"},
      {"/style.css", Kind::style, "", "GET, HEAD"},
      {"/healthz", Kind::health, "", "GET, HEAD"},
      {"/connect/T-1_.~", Kind::connect, "T-1_.~", "GET, HEAD, POST"},
      {"/signin", Kind::sign_in, "", "POST"},
      {"/signout", Kind::sign_out, "", "POST"},
      {"/callback/ctx", Kind::callback, "ctx", "GET, HEAD, POST"},
      {"/signin/callback/corp", Kind::callback, "corp", "GET, HEAD, POST"},
      {"/backchannel-logout", Kind::logout, "", "POST"},
      {"/done/h", Kind::done, "h", "GET, HEAD, POST"},
      {"/connections", Kind::connections, "", "GET, HEAD, POST"},
      {"/refused", Kind::refused, "", "GET, HEAD"},
      {"/failed", Kind::failed, "", "GET, HEAD"},
  };
  for (const auto& each : known) {
    const auto route = find_route(each.path);
    ASSERT_TRUE(route) << each.path;
    EXPECT_EQ(route->kind, each.kind) << each.path;
    EXPECT_EQ(route->argument, each.argument);
    EXPECT_EQ(route->allow(), each.allow) << each.path;
  }
}

TEST(Routes, nothing_else_is_one) {
  for (const char* path :
       {"", "//", "/connect", "/connect/", "/connect/a/b", "/connect/a%2Fb", "/connect/..",
        "/callback/.", "/Connect/a", "/style.css/", "/signin/", "/signin/callback/", "/healthz2",
        "/connect/\xC3\xA4", "/../style.css", "connect/a", "/done/a;b", "*"}) {
    EXPECT_FALSE(find_route(path)) << path;
  }
  EXPECT_FALSE(find_route("/connect/" + std::string(200, 'a')));
}

TEST(Routes, a_sign_in_ends_at_a_page_of_ours_only) {
  for (const char* path : {"/connect/abc", "/done/abc", "/connections", "/"}) {
    EXPECT_TRUE(returnable(path)) << path;
  }
  for (const char* path :
       {"", "//evil.example", "/\\evil.example", "https://evil.example", "/connect/a?x=y",
        "/connect/a#x", "/callback/a", "/signout", "/signin", "/style.css", "/connect/a\r\nX: y",
        "javascript:alert(1)", "/connect//evil.example"}) {
    EXPECT_FALSE(returnable(path)) << path;
  }
}

}  // namespace
}  // namespace reeve
