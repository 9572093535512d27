#include "audit/chain.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace reeve {
namespace {

constexpr std::string_view kBody = R"({"time":1700000000,"sequence":1,"event":"token.lent")";

// By hand: { head -c 32 /dev/zero; printf %s "$BODY"; } | sha256sum
TEST(Chain, is_what_docs_audit_says) {
  const std::string chain = next_chain(std::string(32, '\0'), kBody);
  EXPECT_EQ(hex(chain), "6eb1ea6088cde752077d2246ece8474b509f801e1f868f013d9f94ce57a27e1c");
  EXPECT_EQ(close_line(std::string(kBody), chain),
            std::string(kBody) + ",\"chain\":\"" + base64url(chain) + "\"}\n");
}

TEST(Chain, a_line_comes_apart_as_it_was_closed) {
  const std::string chain(32, 'c');
  std::string line = close_line(std::string(kBody), chain);
  line.pop_back();
  const auto split = split_line(line);
  ASSERT_TRUE(split);
  EXPECT_EQ(split->body, kBody);
  EXPECT_EQ(split->chain, chain);
  EXPECT_EQ(split->sequence, 1u);
}

TEST(Chain, what_is_no_record_does_not_come_apart) {
  std::string line = close_line(std::string(kBody), std::string(32, 'c'));
  line.pop_back();
  for (size_t cut = 0; cut < line.size(); ++cut) {
    EXPECT_FALSE(split_line(line.substr(0, cut))) << cut;
    EXPECT_FALSE(split_line(line.substr(cut + 1))) << cut;
  }
  EXPECT_FALSE(split_line(line + " "));
  for (const char* body :
       {R"({"sequence":1,"x":1)", R"({"time":1,"sequence":"1")", R"({"time":1,"sequence":-1,"x":1)",
        R"({"time":1,"sequence":,"x":1)", R"({"time":1,"sequence":99999999999999999999,"x":1)"}) {
    line = close_line(body, std::string(32, 'c'));
    line.pop_back();
    EXPECT_FALSE(split_line(line)) << body;
  }
}

TEST(Chain, a_signature_is_of_all_that_is_said_and_of_the_chain_before) {
  const SigningKey key = SigningKey::random();
  const std::string previous(32, 'p');
  const std::string body = sign_body(std::string(kBody), previous, key);
  const auto split = split_signature(body);
  ASSERT_TRUE(split);
  EXPECT_EQ(split->said, kBody);
  EXPECT_TRUE(body_holds(*split, previous, key.public_key()));
  EXPECT_FALSE(body_holds(*split, std::string(32, 'q'), key.public_key()));
  EXPECT_FALSE(body_holds(*split, previous, SigningKey::random().public_key()));
  EXPECT_FALSE(body_holds({kBody.substr(1), split->signature}, previous, key.public_key()));
  EXPECT_FALSE(split_signature(kBody));
}

TEST(Chain, a_point_is_read_as_it_is_written) {
  const ChainPoint point{12, std::string(32, 'x')};
  EXPECT_EQ(read_point(to_text(point)), point);
  for (const char* text : {"", "12", "12:", ":AA", "x:AAAA", "-1:AAAA", "12:AAAA"})
    EXPECT_FALSE(read_point(text)) << text;
  EXPECT_FALSE(read_point(to_text(point) + "A"));
}

}  // namespace
}  // namespace reeve
