#include "crypto/kept_secret.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(KeptSecret, comes_back_as_it_was) {
  const KeptSecret kept{Secret(std::string("client secret"))};
  EXPECT_FALSE(kept.empty());
  EXPECT_EQ(kept.reveal().reveal(), "client secret");
  EXPECT_EQ(kept.reveal().reveal(), "client secret");
}

TEST(KeptSecret, of_nothing_is_nothing) {
  EXPECT_TRUE(KeptSecret().empty());
  EXPECT_TRUE(KeptSecret(Secret()).empty());
  EXPECT_TRUE(KeptSecret().reveal().empty());
}

TEST(KeptSecret, may_be_moved) {
  KeptSecret first{Secret(std::string("client secret"))};
  const KeptSecret second = std::move(first);
  EXPECT_EQ(second.reveal().reveal(), "client secret");
}

}  // namespace
}  // namespace reeve
