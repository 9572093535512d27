#include "crypto/memory_seal.h"

#include <gtest/gtest.h>

#include <string_view>

namespace reeve {
namespace {

TEST(MemorySeal, gives_back_what_it_sealed) {
  MemorySeal memory;
  const Sealed empty = memory.seal("");
  const Sealed token = memory.seal("ya29.token");
  EXPECT_FALSE(empty.empty());
  EXPECT_TRUE(Sealed().empty());
  EXPECT_TRUE(memory.unseal(empty).empty());
  EXPECT_EQ(memory.unseal(token).reveal(), "ya29.token");
  const Sealed copy = token;
  EXPECT_EQ(memory.unseal(copy).reveal(), "ya29.token");
}

TEST(MemorySeal, unseals_into_a_buffer_that_is_used_again) {
  MemorySeal memory;
  std::string scratch;
  memory.unseal_into(memory.seal(std::string(2000, 'a')), scratch);
  EXPECT_EQ(scratch, std::string(2000, 'a'));
  memory.unseal_into(memory.seal("short"), scratch);
  EXPECT_EQ(scratch, "short");
  // Nothing of the longer one stands behind the shorter.
  EXPECT_EQ(std::string_view(scratch.data(), 1000).find("aaaa"), std::string_view::npos);
}

TEST(MemorySealDeathTest, aborts_on_what_another_one_sealed) {
  MemorySeal memory;
  MemorySeal other;
  const Sealed sealed = memory.seal("token");
  EXPECT_DEATH(static_cast<void>(other.unseal(sealed)), "");
}

}  // namespace
}  // namespace reeve
