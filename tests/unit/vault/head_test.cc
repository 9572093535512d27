#include "vault/head.h"

#include <gtest/gtest.h>

#include "vault/header.h"

namespace reeve {
namespace {

TEST(Head, comes_back_as_it_was_sealed) {
  const Sealer sealer(Key::random(), std::string(16, 'v'));
  Head head{77, 12, 3, {}};
  head.toggle(std::string(32, 'x'));
  const Result<Head> opened = open_head(seal_head(head, sealer), sealer);
  ASSERT_TRUE(opened);
  EXPECT_EQ(*opened, head);
}

TEST(Head, a_row_put_in_and_taken_out_leaves_nothing_in_any_order) {
  Head head;
  head.toggle(std::string(32, 'a'));
  head.toggle(std::string(32, 'b'));
  EXPECT_NE(head, Head());
  head.toggle(std::string(32, 'a'));
  head.toggle(std::string(32, 'b'));
  EXPECT_EQ(head, Head());
}

TEST(Head, refuses_another_vaults_and_one_of_another_shape) {
  const Sealer sealer(Key::random(), std::string(16, 'v'));
  const Sealer other(Key::random(), std::string(16, 'v'));
  EXPECT_FALSE(open_head(seal_head({}, other), sealer));
  EXPECT_FALSE(open_head(sealer.seal_row(head_key, {root_epoch, 1}, "short"), sealer));
  EXPECT_FALSE(open_head("", sealer));
}

}  // namespace
}  // namespace reeve
