// aead: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03) with a random nonce: what is sealed, and
// the associated data it is sealed with, comes back whole or not at all.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "crypto/key.h"

namespace reeve {

constexpr size_t nonce_bytes = 24;
constexpr size_t tag_bytes = 16;
// How much longer a sealed text is.
constexpr size_t seal_overhead = nonce_bytes + tag_bytes;

// nonce, ciphertext, tag. The nonce is random: 2^80 messages under one key are no concern.
std::string seal(KeyView key, std::string_view plain, std::string_view associated);

// nullopt: another key, other associated data, or a changed or shortened text; nobody can tell
// which.
std::optional<Secret> unseal(KeyView key, std::string_view sealed, std::string_view associated);

}  // namespace reeve
