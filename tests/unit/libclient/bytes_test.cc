#include "src/bytes.h"

#include <gtest/gtest.h>

#include <cstring>
#include <new>

namespace reeve::client {
namespace {

TEST(Bytes, wipes_what_it_takes_from_the_front) {
  Bytes bytes;
  bytes.append("secret");
  bytes.append("rest");
  bytes.consume(6);
  EXPECT_EQ(bytes.view(), "rest");
  EXPECT_EQ(std::memcmp(bytes.data() + 4, "\0\0\0\0\0\0", 6), 0);
}

TEST(Bytes, grows_and_moves) {
  Bytes bytes;
  for (int i = 0; i < 1000; ++i) bytes.append("0123456789");
  Bytes moved = std::move(bytes);
  EXPECT_EQ(moved.size(), 10000U);
  EXPECT_EQ(moved.view().substr(9990), "0123456789");
  Bytes other;
  other.append("x");
  other = std::move(moved);
  EXPECT_EQ(other.size(), 10000U);
}

}  // namespace
}  // namespace reeve::client
