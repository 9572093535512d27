#include "crypto/kdf.h"

#include <sodium.h>

#include <string>

#include "crypto/hash.h"

namespace reeve {
namespace {

constexpr unsigned char derive_personal[crypto_generichash_blake2b_PERSONALBYTES + 1] =
    "reeve/derive/v1";

void fill(unsigned char* child, KeyView parent, std::string_view label, std::string_view id) {
  const std::string text = length_prefixed({label, id});
  crypto_generichash_blake2b_salt_personal(
      child, Key::bytes, reinterpret_cast<const unsigned char*>(text.data()), text.size(),
      parent.data(), Key::bytes, nullptr, derive_personal);
}

}  // namespace

Key derive(KeyView parent, std::string_view label, std::string_view id) {
  Key child;
  fill(child.octets_, parent, label, id);
  return child;
}

BriefKey derive_brief(KeyView parent, std::string_view label, std::string_view id) {
  BriefKey child;
  fill(child.octets_.data(), parent, label, id);
  return child;
}

}  // namespace reeve
