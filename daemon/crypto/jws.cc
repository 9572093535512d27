#include "crypto/jws.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace reeve {
namespace {

constexpr size_t kNameBytes = 256;  // of "alg", "kid", "typ"

struct Free {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(ECDSA_SIG* signature) const { ECDSA_SIG_free(signature); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

// A string member of the header: absent is empty, another type or an empty or long one is refused.
bool read_name(const Json& header, std::string_view name, std::string& out) {
  const Json* member = header.find(name);
  if (member == nullptr) return true;
  out = header.text(name);
  return !out.empty() && out.size() <= kNameBytes;
}

// RFC 7515 section 4.1.9: a media type, so case does not count and "application/" may be left out.
std::string plain_type(std::string_view type) {
  std::string plain(type);
  for (char& c : plain) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  constexpr std::string_view prefix = "application/";
  if (plain.starts_with(prefix) && plain.find('/', prefix.size()) == std::string::npos) {
    plain.erase(0, prefix.size());
  }
  return plain;
}

std::variant<JwsHeader, JwtFailure> read_header(std::string_view encoded) {
  static constexpr std::array<std::string_view, 8> refused = {"crit", "jwk", "jku", "x5u",
                                                              "x5c",  "b64", "enc", "zip"};
  const auto text = base64url_decode(encoded);
  if (!text) return JwtFailure{JwtProblem::malformed, "the header is not base64url"};
  const auto header = parse_json(*text);
  if (!header || header->object() == nullptr) {
    return JwtFailure{JwtProblem::malformed, "the header is not a JSON object"};
  }
  for (const std::string_view name : refused) {
    if (header->find(name) == nullptr) continue;
    return JwtFailure{JwtProblem::bad_header, "the header has \"" + std::string(name) + "\""};
  }
  JwsHeader read;
  if (!read_name(*header, "alg", read.algorithm) || read.algorithm.empty()) {
    return JwtFailure{JwtProblem::bad_header, "the header has no usable \"alg\""};
  }
  if (!read_name(*header, "kid", read.kid) || !read_name(*header, "typ", read.type)) {
    return JwtFailure{JwtProblem::bad_header, "the header's \"kid\" or \"typ\" is malformed"};
  }
  read.type = plain_type(read.type);
  return read;
}

// r and s, each as long as the curve's order, in the DER form that OpenSSL reads. Empty: refused.
// Zeros are refused here too, not left to the library (CVE-2022-21449 was such a one).
std::string der_signature(std::string_view raw, size_t coordinate) {
  if (raw.size() != 2 * coordinate) return {};
  const std::string_view r = raw.substr(0, coordinate), s = raw.substr(coordinate);
  const auto zero = [](std::string_view n) { return n.find_first_not_of('\0') == n.npos; };
  if (zero(r) || zero(s)) return {};
  const Owned<ECDSA_SIG> signature(ECDSA_SIG_new());
  BIGNUM* r_number = BN_bin2bn(bytes_of(r), static_cast<int>(r.size()), nullptr);
  BIGNUM* s_number = BN_bin2bn(bytes_of(s), static_cast<int>(s.size()), nullptr);
  if (!signature || ECDSA_SIG_set0(signature.get(), r_number, s_number) != 1) {
    BN_free(r_number);
    BN_free(s_number);
    return {};
  }
  unsigned char* der = nullptr;
  const int size = i2d_ECDSA_SIG(signature.get(), &der);
  if (size <= 0) return {};
  std::string text(reinterpret_cast<const char*>(der), static_cast<size_t>(size));
  OPENSSL_free(der);
  return text;
}

// What OpenSSL is to verify: by algorithm, never by the key alone.
std::string library_signature(const Jws& jws, Algorithm algorithm, const Jwk& key) {
  const std::string& raw = jws.signature;
  switch (algorithm) {
    case Algorithm::es256: return der_signature(raw, 32);
    case Algorithm::es384: return der_signature(raw, 48);
    case Algorithm::eddsa: return raw.size() == 64 ? raw : std::string();
    case Algorithm::rs256:
    case Algorithm::ps256: break;
  }
  return raw.size() == static_cast<size_t>(EVP_PKEY_get_size(key.key.get())) ? raw : std::string();
}

const EVP_MD* digest_of(Algorithm algorithm) {
  if (algorithm == Algorithm::eddsa) return nullptr;
  return algorithm == Algorithm::es384 ? EVP_sha384() : EVP_sha256();
}

bool set_padding(EVP_PKEY_CTX* context, Algorithm algorithm) {
  if (algorithm == Algorithm::rs256) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  }
  if (algorithm != Algorithm::ps256) return true;
  // RFC 7518 section 3.5: the salt is as long as the hash, MGF1 uses the same hash.
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256()) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

}  // namespace

std::variant<Jws, JwtFailure> parse_jws(std::string_view token) {
  if (token.size() > kJwtBytes) return JwtFailure{JwtProblem::too_long, "longer than 16 KiB"};
  const size_t first = token.find('.');
  const size_t second = first == token.npos ? token.npos : token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos) {
    return JwtFailure{JwtProblem::malformed, "not three parts"};
  }
  auto header = read_header(token.substr(0, first));
  if (auto* failure = std::get_if<JwtFailure>(&header)) return std::move(*failure);
  auto signature = base64url_decode(token.substr(second + 1));
  if (!signature) return JwtFailure{JwtProblem::malformed, "the signature is not base64url"};
  return Jws{std::move(*std::get_if<JwsHeader>(&header)), token.substr(0, second),
             token.substr(first + 1, second - first - 1), std::move(*signature)};
}

bool verify_signature(const Jws& jws, Algorithm algorithm, const Jwk& key) {
  if (key.kind != kind_for(algorithm)) return false;
  const std::string signature = library_signature(jws, algorithm, key);
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  EVP_PKEY_CTX* key_context = nullptr;  // owned by `context`
  const bool good = !signature.empty() && context &&
                    EVP_DigestVerifyInit(context.get(), &key_context, digest_of(algorithm), nullptr,
                                         key.key.get()) == 1 &&
                    set_padding(key_context, algorithm) &&
                    EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(),
                                     bytes_of(jws.signing_input), jws.signing_input.size()) == 1;
  ERR_clear_error();
  return good;
}

std::variant<Json, JwtFailure> jws_payload(const Jws& jws) {
  const auto text = base64url_decode(jws.payload);
  if (!text) return JwtFailure{JwtProblem::malformed, "the payload is not base64url"};
  auto payload = parse_json(*text);
  if (!payload || payload->object() == nullptr) {
    return JwtFailure{JwtProblem::malformed, "the payload is not a JSON object"};
  }
  return std::move(*payload);
}

}  // namespace reeve
