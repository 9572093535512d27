#include "crypto/box.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(Box, opens_what_was_sealed_to_it) {
  const SealKeys keys = SealKeys::random();
  for (const size_t size : {0, 1, 5000}) {
    const std::string plain(size, 'a');
    const std::optional<std::string> sealed = seal_to(keys.public_key(), plain);
    ASSERT_TRUE(sealed);
    const std::optional<Secret> opened = keys.open(*sealed);
    ASSERT_TRUE(opened);
    EXPECT_TRUE(opened->equals(plain));
  }
}

TEST(Box, the_same_seed_opens_it_after_a_restart) {
  const Key seed = Key::random();
  const std::optional<std::string> sealed =
      seal_to(SealKeys::from_seed(seed).public_key(), "answer");
  ASSERT_TRUE(sealed);
  const std::optional<Secret> opened = SealKeys::from_seed(seed).open(*sealed);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->reveal(), "answer");
}

TEST(Box, refuses_what_was_sealed_to_another_or_changed) {
  const SealKeys keys = SealKeys::random();
  const std::optional<std::string> sealed = seal_to(keys.public_key(), "answer");
  ASSERT_TRUE(sealed);
  EXPECT_FALSE(SealKeys::random().open(*sealed));
  for (size_t i = 0; i < sealed->size(); ++i) {
    std::string changed = *sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(keys.open(changed));
    EXPECT_FALSE(keys.open(std::string_view(*sealed).substr(0, i)));
  }
}

TEST(Box, refuses_to_seal_to_what_is_no_public_key) {
  EXPECT_FALSE(seal_to("", "answer"));
  EXPECT_FALSE(seal_to(std::string(31, 'k'), "answer"));
  EXPECT_FALSE(seal_to(std::string(32, '\0'), "answer"));
}

}  // namespace
}  // namespace reeve
