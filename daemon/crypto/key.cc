#include "crypto/key.h"

#include <sodium.h>

#include <cassert>
#include <cstdlib>
#include <utility>

#include "base/secret.h"

namespace reeve {

bool crypto_init() { return sodium_init() >= 0; }

Key::Key() : octets_(static_cast<unsigned char*>(sodium_malloc(bytes))) {
  // A daemon that cannot keep its keys cannot go on.
  if (octets_ == nullptr) std::abort();
}

Key Key::random() {
  Key key;
  randombytes_buf(key.octets_, bytes);
  return key;
}

std::optional<Key> Key::from_bytes(std::string_view octets) {
  if (octets.size() != bytes) return std::nullopt;
  Key key;
  octets.copy(reinterpret_cast<char*>(key.octets_), bytes);
  return key;
}

Key::Key(Key&& other) noexcept : octets_(std::exchange(other.octets_, nullptr)) {}

Key& Key::operator=(Key&& other) noexcept {
  if (this != &other) {
    sodium_free(octets_);
    octets_ = std::exchange(other.octets_, nullptr);
  }
  return *this;
}

Key::~Key() { sodium_free(octets_); }

Key Key::clone() const {
  Key copy;
  reveal().copy(reinterpret_cast<char*>(copy.octets_), bytes);
  return copy;
}

std::string_view Key::reveal() const { return {reinterpret_cast<const char*>(data()), bytes}; }

const unsigned char* Key::data() const {
  assert(octets_ != nullptr);
  return octets_;
}

BriefKey::BriefKey(BriefKey&& other) noexcept : octets_(other.octets_) {
  wipe(other.octets_.data(), other.octets_.size());
}

BriefKey::~BriefKey() { wipe(octets_.data(), octets_.size()); }

}  // namespace reeve
