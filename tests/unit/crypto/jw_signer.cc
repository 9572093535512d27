#include "jw_signer.h"

#include <gtest/gtest.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/rsa.h>

#include "base/encoding.h"

namespace reeve::test {
namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string raw_signature(const std::string& der, int coordinate) {
  const unsigned char* start = bytes_of(der);
  ECDSA_SIG* signature = d2i_ECDSA_SIG(nullptr, &start, static_cast<long>(der.size()));
  std::string raw(static_cast<size_t>(2 * coordinate), '\0');
  auto* out = reinterpret_cast<unsigned char*>(raw.data());
  BN_bn2binpad(ECDSA_SIG_get0_r(signature), out, coordinate);
  BN_bn2binpad(ECDSA_SIG_get0_s(signature), out + coordinate, coordinate);
  ECDSA_SIG_free(signature);
  return raw;
}

}  // namespace

Signer Signer::rsa(unsigned bits) { return Signer(EVP_RSA_gen(bits)); }
Signer Signer::ec(const char* curve) {
  return Signer(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve));
}
Signer Signer::ed25519() { return Signer(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")); }

std::string Signer::number(const char* name) const {
  BIGNUM* value = nullptr;
  EXPECT_EQ(EVP_PKEY_get_bn_param(key_.get(), name, &value), 1);
  const bool point = std::string_view(name) != "n" && std::string_view(name) != "e";
  const int size = point ? (EVP_PKEY_get_bits(key_.get()) + 7) / 8 : BN_num_bytes(value);
  std::string bytes(static_cast<size_t>(size), '\0');
  BN_bn2binpad(value, reinterpret_cast<unsigned char*>(bytes.data()), size);
  BN_free(value);
  return base64url(bytes);
}

std::string Signer::jwk(std::string_view more) const {
  std::string text;
  const int type = EVP_PKEY_get_base_id(key_.get());
  if (type == EVP_PKEY_RSA) {
    text = R"({"kty":"RSA","n":")" + number("n") + R"(","e":")" + number("e") + '"';
  } else if (type == EVP_PKEY_EC) {
    text = R"({"kty":"EC","crv":"P-)" + std::to_string(EVP_PKEY_get_bits(key_.get())) +
           R"(","x":")" + number(OSSL_PKEY_PARAM_EC_PUB_X) + R"(","y":")" +
           number(OSSL_PKEY_PARAM_EC_PUB_Y) + '"';
  } else {
    std::string raw(32, '\0');
    size_t size = raw.size();
    EVP_PKEY_get_raw_public_key(key_.get(), reinterpret_cast<unsigned char*>(raw.data()), &size);
    text = R"({"kty":"OKP","crv":"Ed25519","x":")" + base64url(raw) + '"';
  }
  return text.append(more) + '}';
}

std::string Signer::signature(Algorithm algorithm, std::string_view text, int salt_bytes) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* key_context = nullptr;
  const EVP_MD* digest = algorithm == Algorithm::eddsa   ? nullptr
                         : algorithm == Algorithm::es384 ? EVP_sha384()
                                                         : EVP_sha256();
  EXPECT_EQ(EVP_DigestSignInit(context, &key_context, digest, nullptr, key_.get()), 1);
  if (algorithm == Algorithm::ps256) {
    EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, salt_bytes);
  }
  size_t size = 0;
  EVP_DigestSign(context, nullptr, &size, bytes_of(text), text.size());
  std::string made(size, '\0');
  EXPECT_EQ(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(made.data()), &size,
                           bytes_of(text), text.size()),
            1);
  made.resize(size);
  EVP_MD_CTX_free(context);
  if (EVP_PKEY_get_base_id(key_.get()) != EVP_PKEY_EC) return made;
  return raw_signature(made, (EVP_PKEY_get_bits(key_.get()) + 7) / 8);
}

std::string Signer::sign(Algorithm algorithm, std::string_view header,
                         std::string_view payload) const {
  const std::string input = base64url(header) + '.' + base64url(payload);
  return input + '.' + base64url(signature(algorithm, input));
}

std::string jwks(std::initializer_list<std::string> keys) {
  std::string text;
  for (const std::string& key : keys) text += (text.empty() ? "" : ",") + key;
  return R"({"keys":[)" + text + "]}";
}

}  // namespace reeve::test
