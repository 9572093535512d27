#include "base/secret.h"

#include <cstring>

namespace reeve {

void wipe(void* data, size_t size) {
  if (size != 0) explicit_bzero(data, size);
}

void wipe(std::string& text) {
  // The whole capacity: a shortened string keeps its old end. Small strings lie inside the object.
  text.resize(text.capacity());
  wipe(text.data(), text.size());
  text.clear();
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    wipe(other.bytes_);
  }
  return *this;
}

}  // namespace reeve
