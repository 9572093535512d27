#include "session/user.h"

#include <gtest/gtest.h>

namespace reeve {
namespace {

// OAUTH OIDC-8: names, claims and addresses do not count.
TEST(User, is_who_issuer_and_subject_say) {
  const User alice{"https://a.example", "7", "sub", "Alice"};
  EXPECT_TRUE(alice.is({"https://a.example", "7", "oid", "Somebody"}));
  EXPECT_FALSE(alice.is({"https://a.example/", "7", "sub", "Alice"}));
  EXPECT_FALSE(alice.is({"https://b.example", "7", "sub", "Alice"}));
  EXPECT_FALSE(alice.is({"https://a.example", "8", "sub", "Alice"}));
  EXPECT_FALSE(alice.is({"https://a.example", "", "sub", "Alice"}));
}

TEST(User, is_read_as_it_was_written) {
  const User alice{"https://a.example", "7\"\n", "oid", "\xC3\x84lice"};
  std::string text;
  JsonWriter json(text);
  write_user(json, alice);
  const auto parsed = parse_json(text);
  const auto read = read_user(&*parsed);
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->is(alice));
  EXPECT_EQ(read->claim, "oid");
  EXPECT_EQ(read->name, alice.name);
}

TEST(User, without_issuer_or_subject_is_nobody) {
  EXPECT_FALSE(read_user(nullptr));
  for (const char* text : {"null", "[]", "{}", R"({"issuer":"i"})", R"({"subject":"s"})",
                           R"({"issuer":"","subject":"s"})", R"({"issuer":"i","subject":7})"}) {
    const auto parsed = parse_json(text);
    EXPECT_FALSE(read_user(&*parsed)) << text;
  }
}

TEST(User, is_called_by_his_name_if_he_has_one) {
  EXPECT_EQ(display_name({"i", "s", "sub", "Alice"}), "Alice");
  EXPECT_EQ(display_name({"i", "s", "sub", ""}), "s");
}

}  // namespace
}  // namespace reeve
