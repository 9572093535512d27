#include "crypto/jwk.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/json.h"

namespace reeve {
namespace {

constexpr size_t kKeys = 100;
constexpr size_t kKidBytes = 256;
constexpr int kRsaBits = 2048;
constexpr int kRsaBitsMost = 8192;  // a signature takes about a millisecond there
constexpr size_t kRsaExponentBytes = 4;

struct AlgorithmRow {
  Algorithm algorithm;
  std::string_view name;
  KeyKind kind;
};
constexpr std::array kAlgorithms = {
    AlgorithmRow{Algorithm::rs256, "RS256", KeyKind::rsa},
    AlgorithmRow{Algorithm::ps256, "PS256", KeyKind::rsa},
    AlgorithmRow{Algorithm::es256, "ES256", KeyKind::p256},
    AlgorithmRow{Algorithm::es384, "ES384", KeyKind::p384},
    AlgorithmRow{Algorithm::eddsa, "EdDSA", KeyKind::ed25519},
};

const AlgorithmRow& row_of(Algorithm algorithm) {
  return kAlgorithms[static_cast<size_t>(algorithm)];
}

struct KindRow {
  KeyKind kind;
  std::string_view kty, crv;
  const char* group;  // OpenSSL's name
  size_t coordinate;  // bytes
};
constexpr std::array kKinds = {
    KindRow{KeyKind::rsa, "RSA", "", nullptr, 0},
    KindRow{KeyKind::p256, "EC", "P-256", "P-256", 32},
    KindRow{KeyKind::p384, "EC", "P-384", "P-384", 48},
    KindRow{KeyKind::ed25519, "OKP", "Ed25519", nullptr, 32},
};

struct Free {
  void operator()(BIGNUM* number) const { BN_free(number); }
  void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
  void operator()(OSSL_PARAM_BLD* builder) const { OSSL_PARAM_BLD_free(builder); }
  void operator()(OSSL_PARAM* parameters) const { OSSL_PARAM_free(parameters); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// A base64url member; nullopt where absent, of another type or badly encoded.
std::optional<std::string> bytes_member(const Json& key, std::string_view name) {
  const std::string& text = key.text(name);
  return text.empty() ? std::nullopt : base64url_decode(text);
}

PublicKey make_key(const char* type, OSSL_PARAM_BLD* builder) {
  const Owned<OSSL_PARAM> parameters(OSSL_PARAM_BLD_to_param(builder));
  const Owned<EVP_PKEY_CTX> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!parameters || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters.get()) != 1) {
    return nullptr;
  }
  return PublicKey(key);
}

PublicKey rsa_key(const Json& key) {
  const auto n = bytes_member(key, "n"), e = bytes_member(key, "e");
  if (!n || !e || n->size() > kRsaBitsMost / 8 + 1 || e->size() > kRsaExponentBytes) return nullptr;
  const Owned<BIGNUM> modulus(BN_bin2bn(bytes_of(*n), static_cast<int>(n->size()), nullptr));
  const Owned<BIGNUM> exponent(BN_bin2bn(bytes_of(*e), static_cast<int>(e->size()), nullptr));
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (!modulus || !exponent || !builder) return nullptr;
  const int bits = BN_num_bits(modulus.get());
  if (bits < kRsaBits || bits > kRsaBitsMost || !BN_is_odd(modulus.get())) return nullptr;
  if (!BN_is_odd(exponent.get()) || BN_is_one(exponent.get())) return nullptr;
  if (OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(builder.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1) {
    return nullptr;
  }
  return make_key("RSA", builder.get());
}

// RFC 7518 section 6.2.1.2: each coordinate has the full length of the field.
PublicKey ec_key(const Json& key, const KindRow& row) {
  const auto x = bytes_member(key, "x"), y = bytes_member(key, "y");
  if (!x || !y || x->size() != row.coordinate || y->size() != row.coordinate) return nullptr;
  const std::string point = "\x04" + *x + *y;
  const Owned<OSSL_PARAM_BLD> builder(OSSL_PARAM_BLD_new());
  if (!builder ||
      OSSL_PARAM_BLD_push_utf8_string(builder.get(), OSSL_PKEY_PARAM_GROUP_NAME, row.group, 0) !=
          1 ||
      OSSL_PARAM_BLD_push_octet_string(builder.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                       point.size()) != 1) {
    return nullptr;
  }
  PublicKey made = make_key("EC", builder.get());
  const Owned<EVP_PKEY_CTX> check(made ? EVP_PKEY_CTX_new_from_pkey(nullptr, made.get(), nullptr)
                                       : nullptr);
  if (!check || EVP_PKEY_public_check(check.get()) != 1) return nullptr;
  return made;
}

PublicKey ed25519_key(const Json& key, const KindRow& row) {
  const auto x = bytes_member(key, "x");
  if (!x || x->size() != row.coordinate) return nullptr;
  return PublicKey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(*x), x->size()));
}

// Whether "use" (RFC 7517 section 4.2) and "key_ops" (4.3), where given, allow verifying.
bool meant_for_signatures(const Json& key) {
  if (key.find("use") != nullptr && key.text("use") != "sig") return false;
  if (key.find("key_ops") == nullptr) return true;
  const auto uses = key.strings("key_ops");
  return uses && std::find(uses->begin(), uses->end(), "verify") != uses->end();
}

const KindRow* kind_of(const Json& key) {
  const std::string& kty = key.text("kty");
  for (const KindRow& row : kKinds) {
    if (row.kty == kty && (row.crv.empty() || row.crv == key.text("crv"))) return &row;
  }
  return nullptr;
}

// nullopt: skip this key.
std::optional<Jwk> read_key(const Json& key, const KindRow& row) {
  if (!meant_for_signatures(key)) return std::nullopt;
  Jwk jwk;
  jwk.kind = row.kind;
  jwk.kid = key.text("kid");
  if (key.find("kid") != nullptr && (jwk.kid.empty() || jwk.kid.size() > kKidBytes)) {
    return std::nullopt;
  }
  if (key.find("alg") != nullptr) {
    jwk.algorithm = algorithm_by_name(key.text("alg"));
    if (!jwk.algorithm || kind_for(*jwk.algorithm) != row.kind) return std::nullopt;
  }
  if (row.kind == KeyKind::rsa) jwk.key = rsa_key(key);
  else if (row.kind == KeyKind::ed25519) jwk.key = ed25519_key(key, row);
  else jwk.key = ec_key(key, row);
  ERR_clear_error();
  if (!jwk.key) return std::nullopt;
  return jwk;
}

bool has_private_member(const Json& key) {
  static constexpr std::array<std::string_view, 8> names = {"d",  "p",  "q",   "dp",
                                                            "dq", "qi", "oth", "k"};
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return key.find(name) != nullptr; });
}

}  // namespace

std::optional<Algorithm> algorithm_by_name(std::string_view name) {
  for (const AlgorithmRow& row : kAlgorithms) {
    if (row.name == name) return row.algorithm;
  }
  return std::nullopt;
}

std::string_view name_of(Algorithm algorithm) { return row_of(algorithm).name; }

KeyKind kind_for(Algorithm algorithm) { return row_of(algorithm).kind; }

std::vector<Algorithm> known_algorithms(const std::vector<std::string>& names) {
  if (names.empty()) return {Algorithm::rs256};
  std::vector<Algorithm> known;
  for (const std::string& name : names) {
    if (const auto algorithm = algorithm_by_name(name)) known.push_back(*algorithm);
  }
  return known;
}

void PublicKeyFree::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }

JwkSet::Found JwkSet::find(Algorithm algorithm, std::string_view kid) const {
  Found found;
  for (const Jwk& key : keys_) {
    if (key.kind != kind_for(algorithm)) continue;
    if (key.algorithm && *key.algorithm != algorithm) continue;
    if (!kid.empty() && key.kid != kid) continue;
    if (found.key != nullptr) return {nullptr, true};
    found.key = &key;
  }
  return found;
}

Result<JwkSet> parse_jwks(std::string_view text) {
  REEVE_TRY(const Json document, parse_json(text));
  const Json* member = document.find("keys");
  const JsonArray* keys = member == nullptr ? nullptr : member->array();
  if (keys == nullptr) return Error{Code::invalid, "no JWK set: no array \"keys\""};
  if (keys->size() > kKeys) return Error{Code::limit, "a JWK set of more than 100 keys"};
  std::vector<Jwk> usable;
  for (const Json& key : *keys) {
    const KindRow* row = kind_of(key);
    if (row == nullptr) continue;
    if (has_private_member(key)) return Error{Code::invalid, "the JWK set holds a private key"};
    if (auto jwk = read_key(key, *row)) usable.push_back(std::move(*jwk));
  }
  if (usable.empty()) return Error{Code::invalid, "the JWK set holds no usable key"};
  return JwkSet(std::move(usable));
}

}  // namespace reeve
