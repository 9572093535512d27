#include "crypto/kdf.h"

#include <gtest/gtest.h>

#include <numeric>
#include <set>

#include "base/encoding.h"
#include "crypto/aead.h"
#include "crypto/hash.h"

namespace reeve {
namespace {

// From Python: hashlib.blake2b over the length-prefixed parts, person=b'reeve/derive/v1'.
TEST(Kdf, agrees_with_another_implementation) {
  std::string octets(32, '\0');
  std::iota(octets.begin(), octets.end(), '\0');
  const Key parent = *Key::from_bytes(octets);
  EXPECT_EQ(hex(derive(parent, "label", "id").reveal()),
            "09255d649f50dd06565aa6c86c0858c744656e86b9de2218c68706e3786dc597");
}

TEST(Kdf, children_differ_by_parent_label_and_id) {
  const Key parent = Key::random();
  const Key other = Key::random();
  std::set<std::string> seen;
  for (const Key* from : {&parent, &other}) {
    for (const char* label : {"", "a", "ab"}) {
      for (const char* id : {"", "b", "a"}) {
        EXPECT_TRUE(seen.insert(std::string(derive(*from, label, id).reveal())).second);
      }
    }
  }
  EXPECT_FALSE(seen.contains(std::string(parent.reveal())));
}

TEST(Kdf, a_child_is_never_a_keyed_hash) {
  const Key parent = Key::random();
  EXPECT_NE(derive(parent, "a", "b").reveal(), keyed_hash(parent, length_prefixed({"a", "b"})));
}

TEST(Kdf, the_brief_key_is_the_same_key) {
  const Key parent = Key::random();
  const BriefKey brief = derive_brief(parent, "a", "b");
  const std::string sealed = seal(brief, "plain", "");
  EXPECT_TRUE(unseal(derive(parent, "a", "b"), sealed, ""));
  EXPECT_FALSE(unseal(derive(parent, "a", "c"), sealed, ""));
}

}  // namespace
}  // namespace reeve
