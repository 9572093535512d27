// Whose service it is: what may be a logo, what may be a name.
#include "bind/brand.h"

#include <gtest/gtest.h>

#include <fstream>

#include "support/temp_dir.h"

namespace reeve {
namespace {

Result<Logo> read(const std::string& octets) {
  const test::TempDir directory;
  const std::string path = directory / "logo";
  std::ofstream(path) << octets;
  return read_logo(path);
}

TEST(Brand, a_picture_is_known_by_what_is_in_it) {
  EXPECT_EQ(read("\x89PNG\r\n\x1A\n....")->type, "image/png");
  EXPECT_EQ(read("\xFF\xD8\xFF\xE0....")->type, "image/jpeg");
  EXPECT_EQ(read("GIF89a......")->type, "image/gif");
  EXPECT_EQ(read("RIFF....WEBPVP8 ")->type, "image/webp");
}

TEST(Brand, what_is_no_picture_is_refused) {
  for (const char* octets :
       {"", "hello", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>", "<!DOCTYPE html>", "RIFF"}) {
    EXPECT_EQ(read(octets).error().code, Code::invalid) << octets;
  }
}

TEST(Brand, a_picture_that_is_too_big_is_refused) {
  const auto big = read("GIF89a" + std::string(128 * 1024, 'x'));
  ASSERT_FALSE(big);
  EXPECT_EQ(big.error().code, Code::limit);
  EXPECT_FALSE(read_logo("/nowhere/logo.png"));
}

TEST(Brand, names_are_one_printable_line) {
  EXPECT_TRUE(check_brand_text("--operator", "Caf\xC3\xA9 M\xC3\xBCller & S\xC3\xB6hne"));
  EXPECT_TRUE(check_brand_text("--operator", ""));
  for (const std::string& text :
       {std::string("a\nb"), std::string("\xFF"), std::string(201, 'x'), std::string("\x1B[1m")}) {
    const auto checked = check_brand_text("--contact", text);
    ASSERT_FALSE(checked);
    EXPECT_TRUE(checked.error().text.starts_with("--contact"));
  }
}

}  // namespace
}  // namespace reeve
