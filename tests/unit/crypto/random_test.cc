#include "crypto/random.h"

#include <gtest/gtest.h>

#include <set>

#include "base/encoding.h"

namespace reeve {
namespace {

TEST(Random, gives_as_many_octets_as_asked) {
  EXPECT_EQ(random_bytes(0).size(), 0u);
  EXPECT_EQ(random_bytes(7).size(), 7u);
  EXPECT_NE(random_bytes(16), random_bytes(16));
}

TEST(Random, tokens_are_43_characters_of_base64url_and_never_the_same) {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const Secret token = random_token();
    EXPECT_EQ(token.size(), 43u);
    const std::optional<std::string> octets = base64url_decode(token.reveal());
    ASSERT_TRUE(octets);
    EXPECT_EQ(octets->size(), 32u);
    EXPECT_TRUE(seen.insert(*octets).second);
  }
}

}  // namespace
}  // namespace reeve
