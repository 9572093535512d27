#include "crypto/jws.h"

#include <gtest/gtest.h>

#include "base/encoding.h"
#include "jw_signer.h"

namespace reeve {
namespace {

using test::jwks;
using test::Signer;

// Whether the token verifies with the one key, under the algorithm its header names.
bool verifies(std::string_view token, const std::string& key) {
  const auto set = parse_jwks(jwks({key}));
  const auto jws = parse_jws(token);
  if (!set || std::holds_alternative<JwtFailure>(jws)) return false;
  const auto algorithm = algorithm_by_name(std::get<Jws>(jws).header.algorithm);
  if (!algorithm) return false;
  const auto found = set->find(*algorithm, std::get<Jws>(jws).header.kid);
  return found.key != nullptr && verify_signature(std::get<Jws>(jws), *algorithm, *found.key);
}

constexpr const char* kRsaKey =
    R"({"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qP)"
    R"(CJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LO)"
    R"(L-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5Zw)"
    R"(Kh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ)"
    R"(","e":"AQAB"})";
constexpr const char* kRsaToken =
    "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvb"
    "S9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__"
    "dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh"
    "-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_"
    "nZLgrnbyTyWzO75vRK5h6xBArL"
    "IARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-"
    "eOkHWEsqtFZESc6BfI7noOPqvhJ1phCn"
    "vWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
constexpr const char* kEcKey =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"})";
constexpr const char* kEcToken =
    "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvb"
    "S9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-"
    "F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTU"
    "JqPP3-Kg6NU1Q";
constexpr const char* kEdKey =
    R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})";
constexpr const char* kEdToken =
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

TEST(Jws, verifies_the_examples_of_the_standards) {
  EXPECT_TRUE(verifies(kRsaToken, kRsaKey)) << "RFC 7515 appendix A.2";
  EXPECT_TRUE(verifies(kEcToken, kEcKey)) << "RFC 7515 appendix A.3";
  EXPECT_TRUE(verifies(kEdToken, kEdKey)) << "RFC 8037 appendix A.4";
}

TEST(Jws, refuses_every_example_with_one_character_changed) {
  for (const auto& [token, key] :
       {std::pair(kRsaToken, kRsaKey), {kEcToken, kEcKey}, {kEdToken, kEdKey}}) {
    const std::string_view whole = token;
    for (size_t i = 0; i < whole.size(); i += 7) {
      std::string changed(whole);
      changed[i] = changed[i] == 'A' ? 'B' : 'A';
      EXPECT_FALSE(verifies(changed, key)) << i;
    }
  }
}

TEST(Jws, signs_and_verifies_with_each_algorithm) {
  const Signer rsa = Signer::rsa(), p256 = Signer::ec("P-256"), p384 = Signer::ec("P-384"),
               ed = Signer::ed25519();
  EXPECT_TRUE(verifies(rsa.sign(Algorithm::ps256, R"({"alg":"PS256"})", "{}"), rsa.jwk()));
  EXPECT_TRUE(verifies(rsa.sign(Algorithm::rs256, R"({"alg":"RS256"})", "{}"), rsa.jwk()));
  EXPECT_TRUE(verifies(p256.sign(Algorithm::es256, R"({"alg":"ES256"})", "{}"), p256.jwk()));
  EXPECT_TRUE(verifies(p384.sign(Algorithm::es384, R"({"alg":"ES384"})", "{}"), p384.jwk()));
  EXPECT_TRUE(verifies(ed.sign(Algorithm::eddsa, R"({"alg":"EdDSA"})", "{}"), ed.jwk()));
  // One padding for the other, and a hash that does not go with the key.
  EXPECT_FALSE(verifies(rsa.sign(Algorithm::ps256, R"({"alg":"RS256"})", "{}"), rsa.jwk()));
  EXPECT_FALSE(verifies(rsa.sign(Algorithm::rs256, R"({"alg":"PS256"})", "{}"), rsa.jwk()));
  EXPECT_FALSE(verifies(p384.sign(Algorithm::es256, R"({"alg":"ES256"})", "{}"), p384.jwk()));
  EXPECT_FALSE(verifies(p384.sign(Algorithm::es256, R"({"alg":"ES384"})", "{}"), p384.jwk()));
}

TEST(Jws, refuses_a_pss_salt_that_is_not_as_long_as_the_hash) {
  const Signer rsa = Signer::rsa();
  const std::string input = base64url(R"({"alg":"PS256"})") + "." + base64url("{}");
  for (const auto& [salt, good] : {std::pair(32, true), {20, false}, {0, false}, {64, false}}) {
    const std::string token = input + "." + base64url(rsa.signature(Algorithm::ps256, input, salt));
    EXPECT_EQ(verifies(token, rsa.jwk()), good) << salt;
  }
}

TEST(Jws, refuses_signatures_of_a_wrong_length_or_of_zeros) {
  const Signer p256 = Signer::ec("P-256"), ed = Signer::ed25519(), rsa = Signer::rsa();
  const auto with = [](const char* algorithm, const std::string& signature) {
    return base64url(R"({"alg":")" + std::string(algorithm) + "\"}") + "." + base64url("{}") + "." +
           base64url(signature);
  };
  for (const size_t size : {0, 1, 63, 64, 65, 96, 132}) {
    EXPECT_FALSE(verifies(with("ES256", std::string(size, '\0')), p256.jwk())) << size;
    EXPECT_FALSE(verifies(with("EdDSA", std::string(size, '\0')), ed.jwk())) << size;
  }
  EXPECT_FALSE(verifies(with("RS256", std::string(256, '\0')), rsa.jwk()));
  EXPECT_FALSE(verifies(with("ES256", std::string(32, '\0') + std::string(32, '\1')), p256.jwk()));
  EXPECT_FALSE(verifies(with("ES256", std::string(32, '\1') + std::string(32, '\0')), p256.jwk()));
  EXPECT_FALSE(verifies(with("ES256", std::string(64, '\xff')), p256.jwk())) << "over the order";
  // A good signature in DER, and a good one with a byte more.
  const std::string input = base64url(R"({"alg":"RS256"})") + "." + base64url("{}");
  const std::string good = rsa.signature(Algorithm::rs256, input);
  EXPECT_TRUE(verifies(input + "." + base64url(good), rsa.jwk()));
  EXPECT_FALSE(verifies(input + "." + base64url(good + '\0'), rsa.jwk()));
  EXPECT_FALSE(verifies(input + "." + base64url(std::string(1, '\0') + good), rsa.jwk()));
}

TEST(Jws, never_verifies_under_an_algorithm_of_another_kind_of_key) {
  const auto set = parse_jwks(jwks({kRsaKey}));
  const auto jws = parse_jws(kRsaToken);
  ASSERT_TRUE(set);
  const Jwk* key = set->find(Algorithm::rs256, "").key;
  for (const auto algorithm : {Algorithm::es256, Algorithm::es384, Algorithm::eddsa}) {
    EXPECT_FALSE(verify_signature(std::get<Jws>(jws), algorithm, *key)) << name_of(algorithm);
  }
}

TEST(Jws, refuses_shapes_and_headers) {
  const auto token = [](std::string_view header) { return base64url(header) + ".e30.AAAA"; };
  const std::tuple<const char*, std::string, JwtProblem> cases[] = {
      {"empty", "", JwtProblem::malformed},
      {"one part", "e30", JwtProblem::malformed},
      {"two parts", "e30.e30", JwtProblem::malformed},
      {"four parts", "e30.e30.e30.e30", JwtProblem::malformed},
      {"five parts, as in encryption", "e30.e30.e30.e30.e30", JwtProblem::malformed},
      {"an empty header", ".e30.AAAA", JwtProblem::malformed},
      {"padding", "eyJhbGciOiJSUzI1NiJ9==.e30.AAAA", JwtProblem::malformed},
      {"plain base64", token(R"({"alg":"RS256","x":"???>>>"})") + "+", JwtProblem::malformed},
      {"trailing bits", "e31.e30.AAAA", JwtProblem::malformed},
      {"a trailing newline", token(R"({"alg":"RS256"})") + "\n", JwtProblem::malformed},
      {"a blank", " " + token(R"({"alg":"RS256"})"), JwtProblem::malformed},
      {"no JSON", token("alg=RS256"), JwtProblem::malformed},
      {"an array", token(R"(["RS256"])"), JwtProblem::malformed},
      {"two values", token(R"({"alg":"RS256"}{})"), JwtProblem::malformed},
      {"a duplicate member", token(R"({"alg":"RS256","alg":"none"})"), JwtProblem::malformed},
      {"deep", token(R"({"alg":"RS256","x":)" + std::string(99, '[') + std::string(99, ']') + "}"),
       JwtProblem::malformed},
      {"too long", std::string(16385, 'A'), JwtProblem::too_long},
      {"no alg", token("{}"), JwtProblem::bad_header},
      {"alg null", token(R"({"alg":null})"), JwtProblem::bad_header},
      {"alg a list", token(R"({"alg":["RS256"]})"), JwtProblem::bad_header},
      {"crit", token(R"({"alg":"RS256","crit":["exp"],"exp":1})"), JwtProblem::bad_header},
      {"an empty crit", token(R"({"alg":"RS256","crit":[]})"), JwtProblem::bad_header},
      {"a key", token(R"({"alg":"RS256","jwk":{"kty":"RSA"}})"), JwtProblem::bad_header},
      {"a key's URL", token(R"({"alg":"RS256","jku":"https://evil"})"), JwtProblem::bad_header},
      {"a certificate's URL", token(R"({"alg":"RS256","x5u":"https://e"})"),
       JwtProblem::bad_header},
      {"a certificate", token(R"({"alg":"RS256","x5c":["MII"]})"), JwtProblem::bad_header},
      {"an unencoded payload", token(R"({"alg":"RS256","b64":false})"), JwtProblem::bad_header},
      {"encryption", token(R"({"alg":"dir","enc":"A128GCM"})"), JwtProblem::bad_header},
      {"compression", token(R"({"alg":"RS256","zip":"DEF"})"), JwtProblem::bad_header},
      {"a kid that is no text", token(R"({"alg":"RS256","kid":1})"), JwtProblem::bad_header},
      {"an empty kid", token(R"({"alg":"RS256","kid":""})"), JwtProblem::bad_header},
      {"a typ that is no text", token(R"({"alg":"RS256","typ":{}})"), JwtProblem::bad_header},
  };
  for (const auto& [name, text, problem] : cases) {
    const auto jws = parse_jws(text);
    ASSERT_TRUE(std::holds_alternative<JwtFailure>(jws)) << name;
    EXPECT_EQ(std::get<JwtFailure>(jws).problem, problem) << name;
  }
}

TEST(Jws, reads_types_as_media_types) {
  const std::pair<const char*, const char*> cases[] = {
      {"JWT", "jwt"},
      {"at+JWT", "at+jwt"},
      {"application/at+jwt", "at+jwt"},
      {"Application/AT+JWT", "at+jwt"},
      {"application/x/at+jwt", "application/x/at+jwt"},
      {"text/at+jwt", "text/at+jwt"}};
  for (const auto& [typ, plain] : cases) {
    const std::string header = R"({"alg":"RS256","typ":")" + std::string(typ) + "\"}";
    const std::string text = base64url(header) + ".e30.";
    const auto jws = parse_jws(text);
    ASSERT_TRUE(std::holds_alternative<Jws>(jws)) << typ;
    EXPECT_EQ(std::get<Jws>(jws).header.type, plain);
  }
}

}  // namespace
}  // namespace reeve
