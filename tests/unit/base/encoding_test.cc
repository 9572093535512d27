#include "base/encoding.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

using std::operator""sv;

// RFC 4648 section 10.
TEST(Encoding, base64_has_the_vectors_of_the_rfc) {
  constexpr std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                             {"f", "Zg=="},
                                                             {"fo", "Zm8="},
                                                             {"foo", "Zm9v"},
                                                             {"foob", "Zm9vYg=="},
                                                             {"fooba", "Zm9vYmE="},
                                                             {"foobar", "Zm9vYmFy"}};
  for (const auto& [bytes, text] : vectors) {
    EXPECT_EQ(base64(bytes), text);
    std::string unpadded = text;
    while (unpadded.ends_with('=')) unpadded.pop_back();
    EXPECT_EQ(base64url(bytes), unpadded);
    EXPECT_EQ(base64url_decode(unpadded), bytes);
  }
  EXPECT_EQ(base64("\xfb\xff\xfe"), "+//+");
  EXPECT_EQ(base64url("\xfb\xff\xfe"), "-__-");
}

TEST(Encoding, base64url_has_one_text_for_each_byte_string) {
  for (const std::string_view text :
       {"Zg=="sv, "Zg="sv, "Z"sv, "Zm9vY"sv, "Zm9v="sv, "Zm 9"sv, "Zm9v\n"sv, "+//+"sv, "Zg\0"sv,
        "Zh"sv, "Zi"sv, "Zm9"sv, "\x80\x80"sv, "____="sv, "="sv}) {
    EXPECT_FALSE(base64url_decode(text)) << text;
  }
  std::string bytes;
  for (int i = 0; i < 256; ++i) {
    bytes += static_cast<char>(i);
    EXPECT_EQ(base64url_decode(base64url(bytes)), bytes);
  }
}

TEST(Encoding, hex_goes_there_and_back) {
  EXPECT_EQ(hex("\x00\x7f\xff"sv), "007fff");
  EXPECT_EQ(hex_decode("007FfF"), "\x00\x7f\xff"sv);
  EXPECT_EQ(hex_decode(""), "");
  for (const char* text : {"0", "0g", "g0", "0x", " 0", "00 "}) EXPECT_FALSE(hex_decode(text));
}

TEST(Encoding, percent_encoding_leaves_the_unreserved_only) {
  EXPECT_EQ(percent_encode("AZaz09-._~"), "AZaz09-._~");
  EXPECT_EQ(percent_encode(" +&=#?/:%\xC3\xA4\n\0"sv), "%20%2B%26%3D%23%3F%2F%3A%25%C3%A4%0A%00");
}

// RFC 6749 appendix B.
TEST(Encoding, forms_have_the_vector_of_the_rfc) {
  EXPECT_EQ(form_encode("\x20\x25\x26\x2B\xC2\xA3\xE2\x82\xAC"), "+%25%26%2B%C2%A3%E2%82%AC");
  EXPECT_EQ(form_decode("+%25%26%2B%C2%A3%E2%82%AC"), "\x20\x25\x26\x2B\xC2\xA3\xE2\x82\xAC");
  // OAUTH 6749-1.
  EXPECT_EQ(form_encode("a:b+c%/\xC3\xA9"), "a%3Ab%2Bc%25%2F%C3%A9");
}

TEST(Encoding, forms_decode_what_they_encode_and_refuse_broken_escapes) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  EXPECT_EQ(form_decode(form_encode(bytes)), bytes);
  for (const char* text : {"%", "%4", "a%", "%zz", "%4g", "%+1", "%%41"}) {
    EXPECT_FALSE(form_decode(text)) << text;
  }
  EXPECT_EQ(form_decode("%41%4a%4A"), "AJJ");
}

TEST(Encoding, form_pairs_are_kept_in_order_with_their_duplicates) {
  EXPECT_EQ(form({{"a", "1 2"}, {"b&", "="}}), "a=1+2&b%26=%3D");
  EXPECT_EQ(form({}), "");
  EXPECT_EQ(
      parse_form("a=1&&b=2&a=3&c&d=&=e&f=g=h&"),
      (Parameters{
          {"a", "1"}, {"b", "2"}, {"a", "3"}, {"c", ""}, {"d", ""}, {"", "e"}, {"f", "g=h"}}));
  EXPECT_EQ(parse_form(""), Parameters());
  EXPECT_FALSE(parse_form("a=%"));
  EXPECT_FALSE(parse_form("%g=1"));
  EXPECT_TRUE(parse_form("a&b&c", 3));
  EXPECT_FALSE(parse_form("a&b&c&d", 3));
  EXPECT_TRUE(parse_form("a&b&c&&&", 3));
}

TEST(Encoding, utf_8_is_told_from_what_is_none) {
  for (const std::string_view text :
       {""sv, "a\0b"sv, "\x7f"sv, "\xC2\x80"sv, "\xDF\xBF"sv, "\xE0\xA0\x80"sv, "\xED\x9F\xBF"sv,
        "\xEE\x80\x80"sv, "\xEF\xBF\xBF"sv, "\xF0\x90\x80\x80"sv, "\xF4\x8F\xBF\xBF"sv}) {
    EXPECT_TRUE(valid_utf8(text));
  }
  for (const std::string_view text :
       {"\x80"sv, "\xBF"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xC2"sv, "\xC2\x41"sv, "\xE0\x9F\xBF"sv,
        "\xE2\x82"sv, "\xED\xA0\x80"sv, "\xED\xBF\xBF"sv, "\xF0\x8F\xBF\xBF"sv,
        "\xF4\x90\x80\x80"sv, "\xF5\x80\x80\x80"sv, "\xFF"sv, "ok\xC3"sv, "\xF0\x9F\x98"sv}) {
    EXPECT_FALSE(valid_utf8(text));
  }
}

TEST(Encoding, printable_shows_foreign_text_without_its_tricks) {
  const std::string mark = "\xEF\xBF\xBD";
  EXPECT_EQ(printable("plain \xC3\xA4 text"), "plain \xC3\xA4 text");
  EXPECT_EQ(printable("a\r\nb\x1b[31m\x7f\0"sv),
            "a" + mark + mark + "b" + mark + "[31m" + mark + mark);
  EXPECT_EQ(printable("\xC2\x9B"
                      "31m"),
            mark + "31m")
      << "a C1 control";
  EXPECT_EQ(printable("\xC2\xA0"), "\xC2\xA0");
  EXPECT_EQ(printable("a\xFF\xC3"), "a" + mark + mark);
  for (const int byte : {0, 9, 10, 13, 27, 31, 127, 128, 255}) {
    EXPECT_EQ(printable(std::string(1, static_cast<char>(byte))), mark) << byte;
  }
}

TEST(Encoding, printable_cuts_between_characters) {
  EXPECT_EQ(printable("abc", 3), "abc");
  EXPECT_EQ(printable("abcd", 3), "abc\xE2\x80\xA6");
  EXPECT_EQ(printable("ab\xC3\xA4", 3), "ab\xE2\x80\xA6");
  EXPECT_EQ(printable(std::string(1000, '\x01'), 10).size(), 12u);
  EXPECT_TRUE(valid_utf8(printable(std::string(1000, '\xC3'), 100)));
}

}  // namespace
}  // namespace reeve
