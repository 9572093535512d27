#include "crypto/aead.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace reeve {
namespace {

std::string octets(std::string_view text) { return *hex_decode(text); }

// draft-irtf-cfrg-xchacha-03, A.3.1.
TEST(Aead, opens_the_drafts_test_vector) {
  const Key key =
      *Key::from_bytes(octets("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"));
  const std::string sealed = octets("404142434445464748494a4b4c4d4e4f5051525354555657") +
                             octets(
                                 "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb"
                                 "731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452"
                                 "2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
                                 "21f9664c97637da9768812f615c68b13b52e") +
                             octets("c0875924c1c7987947deafd8780acf49");
  const std::optional<Secret> plain = unseal(key, sealed, octets("50515253c0c1c2c3c4c5c6c7"));
  ASSERT_TRUE(plain);
  EXPECT_EQ(
      plain->reveal(),
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, "
      "sunscreen would be it.");
}

TEST(Aead, opens_what_it_sealed) {
  const Key key = Key::random();
  for (const size_t size : {0, 1, 31, 1200, 100000}) {
    const std::string plain(size, 'p');
    const std::string sealed = seal(key, plain, "ad");
    EXPECT_EQ(sealed.size(), size + seal_overhead);
    const std::optional<Secret> opened = unseal(key, sealed, "ad");
    ASSERT_TRUE(opened);
    EXPECT_TRUE(opened->equals(plain));
  }
}

TEST(Aead, seals_the_same_text_differently_each_time) {
  const Key key = Key::random();
  EXPECT_NE(seal(key, "plain", ""), seal(key, "plain", ""));
}

TEST(Aead, refuses_every_flipped_bit_and_every_shorter_text) {
  const Key key = Key::random();
  const std::string sealed = seal(key, "plain", "ad");
  for (size_t i = 0; i < sealed.size(); ++i) {
    EXPECT_FALSE(unseal(key, std::string_view(sealed).substr(0, i), "ad"));
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = sealed;
      changed[i] = static_cast<char>(changed[i] ^ (1 << bit));
      EXPECT_FALSE(unseal(key, changed, "ad"));
    }
  }
  EXPECT_FALSE(unseal(key, sealed + '\0', "ad"));
}

TEST(Aead, refuses_another_key_and_other_associated_data) {
  const Key key = Key::random();
  const std::string sealed = seal(key, "plain", "ad");
  EXPECT_FALSE(unseal(Key::random(), sealed, "ad"));
  EXPECT_FALSE(unseal(key, sealed, "a"));
  EXPECT_FALSE(unseal(key, sealed, ""));
}

}  // namespace
}  // namespace reeve
