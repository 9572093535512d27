// Key: 32 octets of key, and where they may lie.
//
// A Key is long-lived: locked, guarded memory of libsodium, which costs some 15 microseconds and
// three pages each, so there are few. A BriefKey is derived, used and wiped within one call, and
// lies on the stack. What takes a key takes a KeyView and does not care which of the two it is.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

namespace reeve {

// To be called once, at the start of main, before anything else of this folder. False: no random
// source.
[[nodiscard]] bool crypto_init();

class Key;
class BriefKey;
class KeyView;
Key derive(KeyView parent, std::string_view label, std::string_view id);  // kdf.h
BriefKey derive_brief(KeyView parent, std::string_view label, std::string_view id);

class Key final {
 public:
  static constexpr size_t bytes = 32;

  static Key random();
  // nullopt unless it is exactly 32 octets. The caller wipes its own copy.
  static std::optional<Key> from_bytes(std::string_view octets);

  Key(Key&& other) noexcept;
  Key& operator=(Key&& other) noexcept;
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  ~Key();

  Key clone() const;
  std::string_view reveal() const;
  const unsigned char* data() const;  // asserts that the key was not moved away

 private:
  friend Key derive(KeyView parent, std::string_view label, std::string_view id);
  Key();  // not yet filled
  unsigned char* octets_;
};

class BriefKey final {
 public:
  BriefKey(BriefKey&& other) noexcept;
  BriefKey& operator=(BriefKey&&) = delete;
  BriefKey(const BriefKey&) = delete;
  BriefKey& operator=(const BriefKey&) = delete;
  ~BriefKey();

  const unsigned char* data() const { return octets_.data(); }

 private:
  friend BriefKey derive_brief(KeyView parent, std::string_view label, std::string_view id);
  BriefKey() = default;
  std::array<unsigned char, Key::bytes> octets_{};
};

// A key that somebody else owns, for the length of one call.
class KeyView {
 public:
  KeyView(const Key& key) : octets_(key.data()) {}       // NOLINT(google-explicit-constructor)
  KeyView(const BriefKey& key) : octets_(key.data()) {}  // NOLINT(google-explicit-constructor)

  const unsigned char* data() const { return octets_; }

 private:
  const unsigned char* octets_;
};

}  // namespace reeve
