// hash: SHA-256 for what others compute too, keyed BLAKE2b (RFC 7693) for what is ours alone.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "crypto/key.h"

namespace reeve {

constexpr size_t hash_bytes = 32;

std::string sha256(std::string_view text);  // 32 octets

// BLAKE2b-256 under the key, personalised "reeve/hash/v1": never equal to a derived key (kdf.h).
std::string keyed_hash(KeyView key, std::string_view text);

// The parts one after another, each behind its length in four octets, big-endian, so that no two
// lists of parts give one text.
std::string length_prefixed(std::initializer_list<std::string_view> parts);

}  // namespace reeve
