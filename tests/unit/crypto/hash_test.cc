#include "crypto/hash.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/encoding.h"

namespace reeve {
namespace {

Key counting_key() {
  std::string octets(32, '\0');
  std::iota(octets.begin(), octets.end(), '\0');
  return *Key::from_bytes(octets);
}

TEST(Hash, sha256_agrees_with_fips_180) {
  EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

// From Python: hashlib.blake2b(b'abc', key=bytes(range(32)), digest_size=32,
// person=b'reeve/hash/v1').
TEST(Hash, keyed_hash_agrees_with_another_implementation) {
  EXPECT_EQ(hex(keyed_hash(counting_key(), "abc")),
            "e8cbc68568f31d21e372edb214121256f46d0799c86074ab7eb7fcffb94aaee1");
}

TEST(Hash, keyed_hash_depends_on_key_and_text) {
  const Key key = Key::random();
  EXPECT_EQ(keyed_hash(key, "a"), keyed_hash(key, "a"));
  EXPECT_NE(keyed_hash(key, "a"), keyed_hash(key, "b"));
  EXPECT_NE(keyed_hash(key, "a"), keyed_hash(Key::random(), "a"));
  EXPECT_EQ(keyed_hash(key, "").size(), hash_bytes);
}

TEST(Hash, no_two_lists_of_parts_give_one_text) {
  EXPECT_EQ(length_prefixed({"ab", ""}), std::string("\0\0\0\2ab\0\0\0\0", 10));
  EXPECT_NE(length_prefixed({"ab", "c"}), length_prefixed({"a", "bc"}));
  EXPECT_NE(length_prefixed({"a"}), length_prefixed({"a", ""}));
  EXPECT_EQ(length_prefixed({}), "");
}

}  // namespace
}  // namespace reeve
