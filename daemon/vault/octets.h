// octets: numbers as the vault's format writes them: big-endian, of fixed width.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reeve {

template <std::unsigned_integral T>
void put_number(std::string& out, T number) {
  for (int shift = static_cast<int>(sizeof(T) - 1) * 8; shift >= 0; shift -= 8) {
    out += static_cast<char>((static_cast<uint64_t>(number) >> shift) & 0xff);
  }
}

// Takes parts off the front of a text. Past its end everything it gives is empty or zero, and ok()
// is false.
class OctetReader {
 public:
  explicit OctetReader(std::string_view text) : rest_(text) {}

  std::string_view take(size_t count) {
    if (count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const std::string_view part = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return part;
  }
  template <std::unsigned_integral T>
  T number() {
    uint64_t value = 0;
    for (const char octet : take(sizeof(T))) value = value << 8 | static_cast<unsigned char>(octet);
    return static_cast<T>(value);
  }
  std::string_view rest() const { return rest_; }
  bool ok() const { return ok_; }
  // Everything was there, and nothing is left.
  bool complete() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace reeve
