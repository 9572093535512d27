#include "crypto/jwk.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "jw_signer.h"

namespace reeve {
namespace {

using test::jwks;
using test::Signer;

const Signer& rsa() {
  static const Signer signer = Signer::rsa();
  return signer;
}
const Signer& p256() {
  static const Signer signer = Signer::ec("P-256");
  return signer;
}

// The number of usable keys; 0 where the set is refused.
size_t usable(const std::string& text) {
  const auto set = parse_jwks(text);
  return set ? set->size() : 0;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

TEST(Jwk, reads_a_key_of_each_kind) {
  const auto set = parse_jwks(
      jwks({rsa().jwk(), p256().jwk(), Signer::ec("P-384").jwk(), Signer::ed25519().jwk()}));
  ASSERT_TRUE(set);
  EXPECT_EQ(set->size(), 4u);
  for (const auto algorithm :
       {Algorithm::rs256, Algorithm::ps256, Algorithm::es256, Algorithm::es384, Algorithm::eddsa}) {
    const auto found = set->find(algorithm, "");
    ASSERT_NE(found.key, nullptr) << name_of(algorithm);
    EXPECT_EQ(found.key->kind, kind_for(algorithm));
    EXPECT_EQ(algorithm_by_name(name_of(algorithm)), algorithm);
  }
}

TEST(Jwk, knows_no_unsigned_and_no_symmetric_algorithm) {
  for (const char* name : {"none", "None", "HS256", "HS384", "HS512", "RS1", "RS384", "ES512",
                           "ES256K", "rs256", "RS256 ", "", "EdDSA448", "RSA-OAEP", "dir"}) {
    EXPECT_FALSE(algorithm_by_name(name)) << name;
  }
}

TEST(Jwk, takes_the_known_ones_of_an_issuers_algorithms) {
  EXPECT_EQ(known_algorithms({}), std::vector{Algorithm::rs256});
  EXPECT_EQ(known_algorithms({"none", "HS256", "ES256", "PS512", "EdDSA"}),
            (std::vector{Algorithm::es256, Algorithm::eddsa}));
  EXPECT_TRUE(known_algorithms({"none"}).empty());
}

TEST(Jwk, skips_keys_it_cannot_use_and_keeps_the_others) {
  const std::string good = p256().jwk();
  const std::string x = base64url(std::string(32, '\1'));
  const std::pair<const char*, std::string> cases[] = {
      {"an unknown kty", R"({"kty":"AKP","pub":"AQAB"})"},
      {"a symmetric key", R"({"kty":"oct","k":"AQAB"})"},
      {"no kty", R"({"crv":"P-256"})"},
      {"no object", R"("text")"},
      {"a curve we do not know", Signer::ec("P-521").jwk()},
      {"X25519", R"({"kty":"OKP","crv":"X25519","x":")" + x + R"("})"},
      {"a small RSA key", Signer::rsa(1024).jwk()},
      {"an RSA key of 2047 bits", Signer::rsa(2047).jwk()},
      {"no modulus", R"({"kty":"RSA","e":"AQAB"})"},
      {"a huge modulus",
       R"({"kty":"RSA","e":"AQAB","n":")" + base64url(std::string(1025, '\xff')) + R"("})"},
      {"an even modulus",
       R"({"kty":"RSA","e":"AQAB","n":")" + base64url(std::string(256, '\xfe')) + R"("})"},
      {"exponent 1", replaced(rsa().jwk(), "\"AQAB\"", "\"AQ\"")},
      {"an even exponent", replaced(rsa().jwk(), "\"AQAB\"", "\"AQAA\"")},
      {"a long exponent", replaced(rsa().jwk(), "\"AQAB\"", "\"AQAAAAAB\"")},
      {"a padded member", replaced(rsa().jwk(), "\"AQAB\"", "\"AQAB==\"")},
      {"a number for a member", replaced(rsa().jwk(), "\"AQAB\"", "65537")},
      {"a point off its curve",
       R"({"kty":"EC","crv":"P-256","x":")" + x + R"(","y":")" + x + R"("})"},
      {"a short coordinate", R"({"kty":"EC","crv":"P-256","x":"AQAB","y":")" + x + R"("})"},
      {"a point of another curve", replaced(Signer::ec("P-384").jwk(), "P-384", "P-256")},
      {"a short Ed25519 key", R"({"kty":"OKP","crv":"Ed25519","x":"AQAB"})"},
      {"a key for encryption", p256().jwk(R"(,"use":"enc")")},
      {"a use that is no text", p256().jwk(R"(,"use":1)")},
      {"a key for signing only", p256().jwk(R"(,"key_ops":["sign"])")},
      {"key_ops of a wrong type", p256().jwk(R"(,"key_ops":"verify")")},
      {"an algorithm of another kind", p256().jwk(R"(,"alg":"RS256")")},
      {"an unknown algorithm", rsa().jwk(R"(,"alg":"RS512")")},
      {"an HMAC algorithm on an RSA key", rsa().jwk(R"(,"alg":"HS256")")},
      {"an empty kid", p256().jwk(R"(,"kid":"")")},
      {"a kid that is no text", p256().jwk(R"(,"kid":7)")},
  };
  for (const auto& [name, key] : cases) {
    EXPECT_EQ(usable(jwks({key})), 0u) << name;
    EXPECT_EQ(usable(jwks({key, good})), 1u) << name;
  }
}

TEST(Jwk, takes_keys_that_say_what_they_are_for) {
  EXPECT_EQ(usable(jwks({p256().jwk(R"(,"use":"sig","key_ops":["verify"],"alg":"ES256")"),
                         rsa().jwk(R"(,"use":"sig","alg":"PS256","x5c":["AA"],"x5t":"AA")")})),
            2u);
}

TEST(Jwk, refuses_a_whole_set) {
  const std::string key = p256().jwk();
  std::string many = key;
  for (int i = 0; i < 100; ++i) many += "," + key;
  const std::pair<const char*, std::string> cases[] = {
      {"empty text", ""},
      {"no JSON", "<html>"},
      {"an array", "[" + key + "]"},
      {"a single key", key},
      {"keys of another type", R"({"keys":{}})"},
      {"no key", R"({"keys":[]})"},
      {"too many keys", R"({"keys":[)" + many + "]}"},
      {"a published private key", jwks({key, p256().jwk(R"(,"d":"AQAB")")})},
      {"a published RSA prime", jwks({key, rsa().jwk(R"(,"p":"AQAB")")})},
      {"a duplicate member", jwks({key, R"({"kty":"RSA","kty":"EC"})"})},
      {"twice keys", R"({"keys":[)" + key + R"(],"keys":[)" + key + "]}"},
      {"too long", R"({"keys":[)" + key + "]" + std::string(300000, ' ') + "}"},
  };
  for (const auto& [name, text] : cases) EXPECT_FALSE(parse_jwks(text)) << name;
}

TEST(Jwk, finds_the_one_key_that_fits) {
  const std::string a = rsa().jwk(R"(,"kid":"a")"), b = p256().jwk(R"(,"kid":"b")");
  const auto set = parse_jwks(jwks({a, b}));
  ASSERT_TRUE(set);
  EXPECT_NE(set->find(Algorithm::rs256, "a").key, nullptr);
  EXPECT_NE(set->find(Algorithm::es256, "b").key, nullptr);
  EXPECT_NE(set->find(Algorithm::es256, "").key, nullptr);
  EXPECT_EQ(set->find(Algorithm::es256, "a").key, nullptr) << "an RSA key for ES256";
  EXPECT_EQ(set->find(Algorithm::es384, "b").key, nullptr) << "a P-256 key for ES384";
  EXPECT_EQ(set->find(Algorithm::es256, "c").key, nullptr);
  EXPECT_FALSE(set->find(Algorithm::es256, "c").ambiguous);
}

TEST(Jwk, does_not_take_a_key_without_kid_for_a_token_with_one) {
  const auto set = parse_jwks(jwks({p256().jwk()}));
  ASSERT_TRUE(set);
  EXPECT_EQ(set->find(Algorithm::es256, "b").key, nullptr);
}

TEST(Jwk, refuses_to_guess_between_two_keys) {
  const std::string a = p256().jwk(R"(,"kid":"a")"), b = Signer::ec("P-256").jwk(R"(,"kid":"b")");
  const auto set = parse_jwks(jwks({a, b}));
  ASSERT_TRUE(set);
  EXPECT_TRUE(set->find(Algorithm::es256, "").ambiguous);
  EXPECT_NE(set->find(Algorithm::es256, "b").key, nullptr);
}

TEST(Jwk, tells_two_keys_of_one_kid_apart_by_kind_and_algorithm_only) {
  const std::string ec = p256().jwk(R"(,"kid":"a")"),
                    other = Signer::ec("P-256").jwk(R"(,"kid":"a")");
  const auto by_kind = parse_jwks(jwks({ec, rsa().jwk(R"(,"kid":"a")")}));
  ASSERT_TRUE(by_kind);
  EXPECT_EQ(by_kind->find(Algorithm::es256, "a").key->kind, KeyKind::p256);
  EXPECT_EQ(by_kind->find(Algorithm::rs256, "a").key->kind, KeyKind::rsa);
  const auto by_algorithm = parse_jwks(jwks({rsa().jwk(R"(,"kid":"a","alg":"RS256")"),
                                             Signer::rsa().jwk(R"(,"kid":"a","alg":"PS256")")}));
  ASSERT_TRUE(by_algorithm);
  EXPECT_EQ(by_algorithm->find(Algorithm::ps256, "a").key->algorithm, Algorithm::ps256);
  const auto twice = parse_jwks(jwks({ec, other}));
  ASSERT_TRUE(twice);
  EXPECT_TRUE(twice->find(Algorithm::es256, "a").ambiguous);
}

}  // namespace
}  // namespace reeve
