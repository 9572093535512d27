// Jws: one signed text in compact form (RFC 7515 section 7.1), taken apart strictly.
//
// What a header may say is fixed here, before any key is looked at: three parts of strict
// base64url, at most 16 KiB, a JSON object without duplicate members. The header's own ideas about
// keys ("jwk", "jku", "x5u", "x5c"), extensions ("crit", RFC 7515 section 4.1.11: we know none),
// unencoded payloads ("b64", RFC 7797) and encryption ("enc", "zip") are refused, not ignored.
// jwt.h judges what the payload claims.
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "base/json.h"
#include "crypto/jwk.h"

namespace reeve {

// Why a token was not accepted. Callers branch on unknown_key (fetch the key set once more);
// everything else is for the reply and the audit record.
enum class JwtProblem {
  too_long,
  malformed,
  bad_header,
  bad_algorithm,
  unknown_key,
  ambiguous_key,
  bad_signature,
  wrong_type,
  bad_issuer,
  bad_subject,
  bad_audience,
  bad_time,
  bad_nonce,
  bad_auth_time,
  bad_hash,
  bad_claim,  // a claim that this kind of token must or must not have
};

// The problem, and the check that failed in a few words that never quote the token.
struct JwtFailure {
  JwtProblem problem = JwtProblem::malformed;
  std::string text;
};

constexpr size_t kJwtBytes = size_t{16} * 1024;

struct JwsHeader {
  std::string algorithm;  // as written; judged by the caller's allow-list
  std::string kid;        // empty: none
  std::string type;       // "typ" in lower case without "application/"; empty: none
};

// A token in three parts, nothing verified yet but its shape. The views are into the token.
struct Jws {
  JwsHeader header;
  std::string_view signing_input;  // header '.' payload, as they stand
  std::string_view payload;        // base64url still
  std::string signature;           // decoded
};

std::variant<Jws, JwtFailure> parse_jws(std::string_view token);

// True if the signature over the signing input is by this key. The signature's length is fixed by
// algorithm and key (RFC 7518 sections 3.3 to 3.5, RFC 8037 section 3.1).
bool verify_signature(const Jws& jws, Algorithm algorithm, const Jwk& key);

// The payload as a JSON object. For the claims of a token whose signature is verified, and before
// that for its "iss" alone, to choose whose keys to try.
std::variant<Json, JwtFailure> jws_payload(const Jws& jws);

}  // namespace reeve
