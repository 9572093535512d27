#include "crypto/key.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace reeve {
namespace {

TEST(Key, holds_the_octets_it_was_given) {
  const std::string octets(32, 'k');
  const std::optional<Key> key = Key::from_bytes(octets);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->reveal(), octets);
  EXPECT_EQ(key->clone().reveal(), octets);
}

TEST(Key, refuses_any_other_length) {
  EXPECT_FALSE(Key::from_bytes(""));
  EXPECT_FALSE(Key::from_bytes(std::string(31, 'k')));
  EXPECT_FALSE(Key::from_bytes(std::string(33, 'k')));
}

TEST(Key, is_random_and_different_each_time) {
  const Key one = Key::random();
  const Key other = Key::random();
  EXPECT_NE(one.reveal(), other.reveal());
  EXPECT_NE(one.reveal(), std::string(32, '\0'));
}

TEST(Key, can_be_moved_also_onto_another) {
  Key one = Key::random();
  const std::string octets(one.reveal());
  Key other = std::move(one);
  EXPECT_EQ(other.reveal(), octets);
  Key third = Key::random();
  third = std::move(other);
  EXPECT_EQ(third.reveal(), octets);
}

TEST(KeyDeathTest, asserts_when_it_was_moved_away) {
  Key one = Key::random();
  const Key other = std::move(one);
  EXPECT_DEATH(static_cast<void>(one.data()), "octets_");  // NOLINT(bugprone-use-after-move)
}

}  // namespace
}  // namespace reeve
