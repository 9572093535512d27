#include "bind/listen_tcp.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

TEST(ListenTcp, listens_on_a_numeric_address) {
  const auto fd = listen_tcp("127.0.0.1:0");
  ASSERT_TRUE(fd);
  EXPECT_GT(listening_port(fd->get()), 0);
  EXPECT_TRUE(listens_on_loopback(fd->get()));
}

TEST(ListenTcp, tells_loopback_from_the_rest) {
  const auto every = listen_tcp("0.0.0.0:0");
  ASSERT_TRUE(every);
  EXPECT_FALSE(listens_on_loopback(every->get()));
  if (const auto six = listen_tcp("[::1]:0")) {
    EXPECT_TRUE(listens_on_loopback(six->get()));
    EXPECT_GT(listening_port(six->get()), 0);
  }
}

TEST(ListenTcp, refuses_names_and_nonsense) {
  for (const char* address : {"", "8420", "localhost:8420", "127.0.0.1:http", "127.0.0.1"}) {
    EXPECT_FALSE(listen_tcp(address)) << address;
  }
}

TEST(ListenTcp, says_so_when_the_port_is_taken) {
  const auto first = listen_tcp("127.0.0.1:0");
  ASSERT_TRUE(first);
  EXPECT_FALSE(listen_tcp("127.0.0.1:" + std::to_string(listening_port(first->get()))));
}

}  // namespace
}  // namespace reeve
