#include "oauth/http.h"

#include <gtest/gtest.h>

#include "answers.h"

namespace reeve {
namespace {

TEST(Http, finds_headers_in_any_case) {
  const Parameters headers = {{"Content-TYPE", "a"}, {"content-type", "b"}, {"X", ""}};
  EXPECT_EQ(*find_header(headers, "Content-Type"), "a");
  EXPECT_EQ(*find_header(headers, "x"), "");
  EXPECT_EQ(find_header(headers, "Content"), nullptr);
}

TEST(Http, reads_media_types) {
  EXPECT_EQ(media_type(test::answer(200, "", "Application/JSON; charset=utf-8")),
            "application/json");
  EXPECT_EQ(media_type(test::answer(200, "", " text/html ")), "text/html");
  EXPECT_EQ(media_type(test::answer(200, "", "")), "");
}

TEST(Http, keeps_answers_between_one_hour_and_one_day) {
  const std::pair<const char*, int64_t> cases[] = {
      {"max-age=7200", 7200},
      {"public, Max-Age=7200, must-revalidate", 7200},
      {"max-age=0", 3600},
      {"no-store", 3600},
      {"max-age=99999999", 86400},
      {"max-age=99999999999999999999", 3600},
      {"max-age=-1", 3600},
      {"max-age=\"7200\"", 3600},
      {"max-age", 3600},
      {"", 3600},
      {",,,", 3600},
  };
  for (const auto& [value, seconds] : cases) {
    EXPECT_EQ(cache_seconds(test::answer(200, "", "", {{"Cache-Control", value}})), seconds)
        << value;
  }
  EXPECT_EQ(cache_seconds(test::answer(200, "")), 3600);
}

TEST(Http, encodes_forms_and_leaves_empty_values_out) {
  FormBody body;
  body.add("a", "1 2&3").add("empty", "").add({{"b", "\xC3\xA9"}, {"a", "again"}});
  EXPECT_EQ(body.take().reveal(), "a=1+2%263&b=%C3%A9&a=again");
}

TEST(Http, asks_for_json) {
  const HttpRequest request = get_json("https://a/b");
  EXPECT_EQ(request.method, "GET");
  EXPECT_EQ(request.url, "https://a/b");
  EXPECT_EQ(test::header(request, "accept"), "application/json");
  EXPECT_TRUE(request.body.empty());
}

}  // namespace
}  // namespace reeve
