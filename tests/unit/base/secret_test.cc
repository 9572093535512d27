#include "base/secret.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

namespace reeve {
namespace {

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(std::is_nothrow_move_constructible_v<Secret>);
static_assert(!std::is_constructible_v<Secret, const std::string&>, "a copy says so: copy_of()");
static_assert(!std::is_convertible_v<Secret, std::string_view>);

// A secret in memory of ours, so that what it leaves behind can be looked at.
struct Cell {
  template <class... Arguments>
  explicit Cell(Arguments&&... arguments) {
    std::memset(bytes, 0, sizeof bytes);
    secret = new (bytes) Secret(std::forward<Arguments>(arguments)...);
  }
  bool holds(std::string_view text) const {
    return std::string_view(reinterpret_cast<const char*>(bytes), sizeof bytes).find(text) !=
           std::string_view::npos;
  }
  alignas(Secret) unsigned char bytes[sizeof(Secret)];
  Secret* secret = nullptr;
};

// Short enough to lie inside the object itself.
const std::string kShort = "hunter2";
const std::string kLong = "a-token-that-is-too-long-for-the-small-string";

TEST(Secret, leaves_nothing_behind_when_it_dies) {
  Cell cell{std::string(kShort)};
  EXPECT_TRUE(cell.holds(kShort));
  cell.secret->~Secret();
  EXPECT_FALSE(cell.holds(kShort));
}

TEST(Secret, leaves_nothing_behind_when_it_moves) {
  for (const std::string& text : {kShort, kLong}) {
    Cell from{std::string(text)};
    Cell to(std::move(*from.secret));
    EXPECT_TRUE(from.secret->empty());
    EXPECT_FALSE(from.holds(text));
    EXPECT_EQ(to.secret->reveal(), text);
    Cell other{std::string("old-one")};
    *other.secret = std::move(*to.secret);
    EXPECT_TRUE(to.secret->empty());
    EXPECT_FALSE(to.holds(text));
    EXPECT_FALSE(other.holds("old-one"));
    EXPECT_EQ(other.secret->reveal(), text);
    other.secret->~Secret();
    to.secret->~Secret();
    from.secret->~Secret();
  }
}

TEST(Secret, moved_to_itself_stays) {
  Secret secret = Secret::copy_of(kShort);
  Secret& same = secret;
  secret = std::move(same);
  EXPECT_TRUE(secret.equals(kShort));
}

TEST(Secret, takes_the_text_out_of_the_string_it_is_made_of) {
  std::string text = kShort;
  const Secret secret(std::move(text));
  EXPECT_TRUE(text.empty());
  EXPECT_EQ(std::string_view(text.data(), kShort.size()).find(kShort), std::string_view::npos);
  EXPECT_EQ(secret.size(), kShort.size());
}

TEST(Secret, copies_only_where_it_is_said) {
  const Secret secret = Secret::copy_of("a\0b");
  const Secret copy = secret.clone();
  EXPECT_TRUE(copy.equals(secret.reveal()));
  EXPECT_TRUE(Secret().empty());
}

TEST(Secret, wiping_a_string_takes_its_old_end_too) {
  std::string text = kLong;
  text.resize(4);
  const char* data = text.data();
  const size_t capacity = text.capacity();
  wipe(text);
  EXPECT_TRUE(text.empty());
  ASSERT_EQ(text.data(), data);
  for (size_t i = 0; i < capacity; ++i) ASSERT_EQ(data[i], '\0') << i;
  wipe(nullptr, 0);
}

TEST(EqualConstantTime, is_equal_for_the_same_bytes_only) {
  using std::operator""sv;
  EXPECT_TRUE(equal_constant_time("", ""));
  EXPECT_TRUE(equal_constant_time("abc", "abc"));
  EXPECT_TRUE(equal_constant_time("a\0b"sv, "a\0b"sv));
  EXPECT_FALSE(equal_constant_time("a\0b"sv, "a\0c"sv));
  EXPECT_FALSE(equal_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_constant_time("abc", "bbc"));
  EXPECT_FALSE(equal_constant_time("abc", "ab"));
  EXPECT_FALSE(equal_constant_time("", "a"));
  // Differences that cancel out in a sum, or beyond seven bits.
  EXPECT_FALSE(equal_constant_time("ab", "ba"));
  EXPECT_FALSE(equal_constant_time("\x01\x80", "\x81\x00"sv));
  EXPECT_FALSE(equal_constant_time("\xff", "\x7f"));
}

}  // namespace
}  // namespace reeve
