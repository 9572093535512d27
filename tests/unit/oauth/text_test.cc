#include "oauth/text.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

using List = std::vector<std::string>;

TEST(Text, knows_the_characters_of_tokens_and_scopes) {
  EXPECT_TRUE(visible_text(" a~", 3));
  for (const char* text : {"", "abcd", "a\n", "\x7f", "\xC3\xA9", "\t"}) {
    EXPECT_FALSE(visible_text(text, 3)) << text;
  }
  EXPECT_FALSE(visible_text(std::string_view("a\0", 2), 3));
  EXPECT_TRUE(scope_token("https://x/a.b:c*"));
  for (const char* text : {"", "a b", "a\"", "a\\", "\xC3\xA9", "a\x1b"}) {
    EXPECT_FALSE(scope_token(text)) << text;
  }
}

TEST(Text, splits_scopes) {
  EXPECT_EQ(split_scopes("", ' '), List());
  EXPECT_EQ(split_scopes(" ", ' '), List());
  EXPECT_EQ(split_scopes("a b", ' '), (List{"a", "b"}));
  EXPECT_EQ(split_scopes(" a  b a ", ' '), (List{"a", "b"}));
  EXPECT_EQ(split_scopes("a,b", ' '), (List{"a,b"}));
  EXPECT_EQ(split_scopes("a,b, c", ','), (List{"a", "b", "c"}));
  EXPECT_EQ(split_scopes("a\tb", ' '), std::nullopt);
  EXPECT_EQ(split_scopes("a \"b\"", ' '), std::nullopt);
  EXPECT_EQ(split_scopes(std::string(513, 'a'), ' '), std::nullopt);
  std::string many;
  for (int i = 0; i < 257; ++i) many += std::to_string(i) + " ";
  EXPECT_EQ(split_scopes(many, ' '), std::nullopt);
}

TEST(Text, knows_resource_indicators) {
  for (const char* text : {"https://api.example.com/", "https://a/b?c=d", "urn:example:api"}) {
    EXPECT_TRUE(resource_indicator(text)) << text;
  }
  for (const char* text : {"", "api", "/path", ":x", "https:", "https://a/#f", "https://a/ b",
                           "https://a/\n", "1a:b", "ht tp:x", "https://a/\xC3\xA9", "a:\"b"}) {
    EXPECT_FALSE(resource_indicator(text)) << text;
  }
}

TEST(Text, masks_words_that_may_be_secrets) {
  const std::pair<std::string, std::string> cases[] = {
      {"Authorization of the token is expired.", "Authorization of the token is expired."},
      {"aB3dE6gH9jK2", "[...]"},
      {"Invalid refresh token: 8xLOxBtZp8-aXbCdEf12", "Invalid refresh token: [...]"},
      {"code=SplxlOBeZQQYbYS6WxSbIA&x", "[...]&x"},
      {"authorization_code_was_already_used", "authorization_code_was_already_used"},
      {"eyJhbGciOiJSUzI1NiJ9.e30.AAAA", "[...]"},
      {"short1A", "short1A"},
      {"a\nb\x1b[31m",
       "a\xEF\xBF\xBD"
       "b\xEF\xBF\xBD[31m"},
      {"<script>alert(1)</script>", "<script>alert(1)</script>"},
      {"", ""},
  };
  for (const auto& [text, shown] : cases) EXPECT_EQ(summary(text), shown) << text;
}

TEST(Text, cuts_what_is_long_and_leaves_no_piece_of_a_secret) {
  const std::string secret(100, 'K');
  const std::string text = std::string(190, '.') + " " + secret;
  EXPECT_EQ(summary(text).find("KK"), std::string::npos);
  EXPECT_LE(summary(std::string(5000, ' ')).size(), 204u);
}

TEST(Text, passes_error_codes_that_look_like_codes) {
  for (const char* text :
       {"invalid_grant", "AADSTS70008", "urn:x:y", "incorrect_client_credentials"}) {
    EXPECT_EQ(error_word(text), text);
  }
  for (const char* text :
       {"", "no such token", "a\nb", "<b>", "8xLOxBtZp8aXbCdEf12",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
    EXPECT_EQ(error_word(text), "unrecognised") << text;
  }
}

}  // namespace
}  // namespace reeve
