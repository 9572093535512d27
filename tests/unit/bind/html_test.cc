#include "bind/pages/html.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace reeve {
namespace {

// The point of the type: what is no literal cannot become markup.
static_assert(!std::is_constructible_v<Piece, std::string>);
static_assert(!std::is_constructible_v<Piece, std::string_view>);
static_assert(!std::is_constructible_v<Piece, const char*>);
static_assert(!std::is_convertible_v<std::string, Text>);

TEST(Html, writes_literals_as_they_are_and_texts_escaped) {
  const std::string foreign = "<b>\"Fish & Chips'";
  EXPECT_EQ(Html({"<p>", Text(foreign), "</p>"}).str(),
            "<p>&lt;b&gt;&quot;Fish &amp; Chips&#39;</p>");
}

TEST(Html, nests_without_escaping_twice) {
  const std::string foreign = "a&b";
  const Html inner{"<i>", Text(foreign), "</i>"};
  EXPECT_EQ(Html({"<p>", inner, "</p>"}).str(), "<p><i>a&amp;b</i></p>");
}

TEST(Html, replaces_what_is_not_text) {
  EXPECT_EQ(Html({Text("a\r\nb")}).str(),
            "a\xEF\xBF\xBD\xEF\xBF\xBD"
            "b");
  EXPECT_EQ(Html({Text("a\xFF")}).str(), "a\xEF\xBF\xBD");
  EXPECT_EQ(Html({Text(std::string_view("a\0b", 3))}).str(),
            "a\xEF\xBF\xBD"
            "b");
}

TEST(Html, replaces_marks_that_turn_the_direction_of_writing) {
  for (const char* mark : {"\xE2\x80\xAE", "\xE2\x80\xAA", "\xE2\x81\xA6", "\xE2\x81\xA9",
                           "\xE2\x80\x8E", "\xE2\x80\x8F", "\xD8\x9C"}) {
    EXPECT_EQ(Html({Text(std::string("a") + mark + "b")}).str(),
              "a\xEF\xBF\xBD"
              "b");
  }
  // Letters of such scripts, dashes and quotes stay.
  EXPECT_EQ(Html({Text("\xD7\xA9 \xE2\x80\x94 \xE2\x80\x9C")}).str(),
            "\xD7\xA9 \xE2\x80\x94 \xE2\x80\x9C");
}

TEST(Html, cuts_a_long_text) {
  EXPECT_LT(Html({Text(std::string(5000, 'x'))}).str().size(), 310u);
  EXPECT_EQ(Html({Text(std::string(5000, 'x'), 5000)}).str().size(), 5000u);
}

}  // namespace
}  // namespace reeve
