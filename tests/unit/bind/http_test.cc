#include "bind/http.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace reeve {
namespace {

std::string value(const Headers& headers, std::string_view name) {
  for (const auto& [key, text] : headers) {
    if (key == name) return text;
  }
  return "(absent)";
}

TEST(Request, has_its_path_and_query_as_sent) {
  const Request request{"GET", "/a%2Fb?x=%3F?y", {}, {}};
  EXPECT_EQ(request.path(), "/a%2Fb");
  EXPECT_EQ(request.query(), "x=%3F?y");
  const Request bare{"GET", "/a", {}, {}};
  EXPECT_EQ(bare.query(), "");
}

TEST(Request, finds_headers_in_any_case_and_all_of_them) {
  const Request request{"GET", "/", {{"HOST", "a"}, {"Cookie", "1"}, {"cookie", "2"}}, {}};
  EXPECT_EQ(request.header("host"), "a");
  EXPECT_FALSE(request.header("origin"));
  EXPECT_EQ(request.values("COOKIE").size(), 2u);
}

TEST(StandingHeaders, are_on_every_answer) {
  const Site site = *parse_site("https://agents.example.com");
  for (const int status : {200, 303, 400, 404, 503}) {
    Answer answer;
    answer.status = status;
    const Headers headers = standing_headers(site, answer);
    EXPECT_EQ(value(headers, "Content-Security-Policy"),
              "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; "
              "base-uri 'none'");
    EXPECT_EQ(value(headers, "X-Frame-Options"), "DENY");
    EXPECT_EQ(value(headers, "Referrer-Policy"), "no-referrer");
    EXPECT_EQ(value(headers, "Cache-Control"), "no-store");
    EXPECT_EQ(value(headers, "X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(value(headers, "Cross-Origin-Opener-Policy"), "same-origin");
    EXPECT_EQ(value(headers, "Cross-Origin-Resource-Policy"), "same-origin");
    EXPECT_NE(value(headers, "Permissions-Policy"), "(absent)");
    EXPECT_EQ(value(headers, "Strict-Transport-Security"), "max-age=31536000");
    EXPECT_EQ(value(headers, "Access-Control-Allow-Origin"), "(absent)");
  }
}

TEST(StandingHeaders, promise_https_only_where_there_is_https) {
  const Headers headers = standing_headers(*parse_site("http://127.0.0.1:8420"), Answer());
  EXPECT_EQ(value(headers, "Strict-Transport-Security"), "(absent)");
}

TEST(StandingHeaders, let_a_form_tell_its_origin_to_us_alone) {
  Answer answer;
  answer.forms = true;
  const Headers headers = standing_headers(*parse_site("https://a.example"), answer);
  EXPECT_EQ(value(headers, "Referrer-Policy"), "same-origin");
}

TEST(SeeOther, is_303_and_nothing_else) {
  const Answer answer = see_other("/done/x");
  EXPECT_EQ(answer.status, 303);
  EXPECT_EQ(value(answer.headers, "Location"), "/done/x");
  EXPECT_TRUE(answer.body.empty());
}

}  // namespace
}  // namespace reeve
