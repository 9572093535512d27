#include "base/result.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <memory>

namespace reeve {
namespace {

Result<int> number(bool good) {
  if (!good) return Error{Code::denied, "no number"};
  return 7;
}
Result<void> deed(bool good) {
  if (!good) return Error{Code::limit, "no deed"};
  return {};
}
Result<std::unique_ptr<int>> pointer() { return std::make_unique<int>(3); }

Result<std::string> both(bool first, bool second, int& reached) {
  REEVE_TRY(const int one, number(first));
  ++reached;
  REEVE_CHECK(deed(second));
  ++reached;
  REEVE_TRY(auto held, pointer());
  return std::to_string(one) + std::to_string(*held);
}

TEST(Result, forwards_the_first_error_and_goes_no_further) {
  int reached = 0;
  const auto good = both(true, true, reached);
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, "73");
  EXPECT_EQ(good->size(), 2u);
  EXPECT_EQ(reached, 2);
  reached = 0;
  const auto first = both(false, false, reached);
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, Code::denied);
  EXPECT_EQ(reached, 0);
  const auto second = both(true, false, reached);
  EXPECT_EQ(second.error().text, "no deed");
  EXPECT_EQ(reached, 1);
}

TEST(Result, lets_a_value_that_only_moves_out) {
  auto made = pointer();
  const std::unique_ptr<int> out = *std::move(made);
  EXPECT_EQ(*out, 3);
}

TEST(Result, tells_an_error_from_a_value_of_the_same_text) {
  const Result<std::string> text = std::string("no");
  const Result<std::string> error = Error{Code::invalid, "no"};
  EXPECT_TRUE(text);
  EXPECT_FALSE(error);
}

// Two of them in one scope, and as the only statement of an if.
Result<int> crowded(bool good) {
  REEVE_TRY(const int a, number(good));
  REEVE_TRY(const int b, number(good));
  if (good) REEVE_CHECK(deed(good));
  else REEVE_CHECK(deed(false));
  return a + b;
}

TEST(Result, its_macros_stand_side_by_side) {
  EXPECT_EQ(*crowded(true), 14);
  EXPECT_FALSE(crowded(false));
}

TEST(Error, gets_its_context_in_front) {
  const Error error = in("the vault", in("a row", Error{Code::corrupt, "damaged"}));
  EXPECT_EQ(error.text, "the vault: a row: damaged");
  EXPECT_EQ(error.code, Code::corrupt);
}

TEST(Error, names_a_failed_system_call) {
  const Error error = errno_error("open /x", ENOENT);
  EXPECT_EQ(error.text, "open /x: No such file or directory");
  EXPECT_EQ(error.code, Code::io);
}

TEST(ResultDeathTest, reading_the_side_that_is_not_there_is_a_bug) {
  EXPECT_DEATH(static_cast<void>(number(true).error()), "");
  EXPECT_DEATH(static_cast<void>(deed(true).error()), "");
}

}  // namespace
}  // namespace reeve
