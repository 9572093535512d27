#include "crypto/sign.h"

#include <gtest/gtest.h>

#include "base/encoding.h"

namespace reeve {
namespace {

SigningKey key_of(const char* seed) {
  return SigningKey::from_seed(*Key::from_bytes(*hex_decode(seed)));
}

// RFC 8032 section 7.1, tests 1 and 2.
TEST(Sign, is_ed25519) {
  const SigningKey first =
      key_of("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  EXPECT_EQ(hex(first.public_key()),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(hex(first.sign("")),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e"
            "39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
  const SigningKey second =
      key_of("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb");
  EXPECT_EQ(hex(second.sign("\x72")),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f"
            "3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

TEST(Sign, holds_for_that_text_and_key_only) {
  const SigningKey key = SigningKey::random();
  const std::string signature = key.sign("text");
  EXPECT_TRUE(signature_holds(key.public_key(), "text", signature));
  EXPECT_FALSE(signature_holds(key.public_key(), "texT", signature));
  EXPECT_FALSE(signature_holds(SigningKey::random().public_key(), "text", signature));
  EXPECT_FALSE(signature_holds(key.public_key(), "text", signature.substr(1)));
  EXPECT_FALSE(signature_holds("", "text", signature));
}

// As `openssl pkey -pubin -text` reads it.
TEST(Sign, a_public_key_is_pem) {
  const SigningKey key = key_of("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
  const std::string pem = public_key_pem(key.public_key());
  EXPECT_EQ(pem,
            "-----BEGIN PUBLIC KEY-----\n"
            "MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n"
            "-----END PUBLIC KEY-----\n");
  EXPECT_EQ(read_public_key_pem(pem), key.public_key());
  EXPECT_EQ(read_public_key_pem("beside it\n" + pem + "more"), key.public_key());
  for (const std::string& wrong :
       {std::string(), pem.substr(1), pem.substr(0, 60), std::string(pem).replace(30, 1, "N")})
    EXPECT_FALSE(read_public_key_pem(wrong)) << wrong;
}

}  // namespace
}  // namespace reeve
