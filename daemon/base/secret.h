// Secret: bytes that must not stay behind: tokens, codes, verifiers, handles, client secrets.
//
// Move-only, wiped when it dies, compared in constant time, never printed. Every place that lets
// the bytes out says `reveal()`, every copy says `clone()`: both are meant to be searched for in
// review. Few long-lived keys live in crypto/key.h's locked memory instead.
#pragma once

#include <string>
#include <string_view>

namespace reeve {

// Overwrites memory in a way the compiler keeps.
void wipe(void* data, size_t size);
void wipe(std::string& text);  // and leaves it empty

// True if both hold the same bytes; the time depends on the lengths only.
bool equal_constant_time(std::string_view a, std::string_view b);

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string&& bytes) : bytes_(std::move(bytes)) { wipe(bytes); }
  static Secret copy_of(std::string_view bytes) { return Secret(std::string(bytes)); }
  Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { wipe(other.bytes_); }
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret() { wipe(bytes_); }

  std::string_view reveal() const { return bytes_; }
  Secret clone() const { return copy_of(bytes_); }
  bool empty() const { return bytes_.empty(); }
  size_t size() const { return bytes_.size(); }
  bool equals(std::string_view other) const { return equal_constant_time(bytes_, other); }

 private:
  std::string bytes_;
};

}  // namespace reeve
