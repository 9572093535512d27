#include "src/bytes.h"

#include <string.h>  // NOLINT(modernize-deprecated-headers): explicit_bzero

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace reeve::client {

Bytes::Bytes(Bytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)),
      failed_(other.failed_) {}

Bytes& Bytes::operator=(Bytes&& other) noexcept {
  if (this == &other) return *this;
  reset();
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  failed_ = other.failed_;
  return *this;
}

Bytes::~Bytes() { reset(); }

void Bytes::reset() {
  if (data_ != nullptr) ::explicit_bzero(data_, capacity_);
  std::free(data_);
}

void Bytes::append(std::string_view more) {
  char* const place = room(more.size());
  if (place == nullptr || more.empty()) return;
  ::memcpy(place, more.data(), more.size());
  grow(more.size());
}

char* Bytes::room(size_t count) {
  if (failed_) return nullptr;
  if (capacity_ - size_ < count || data_ == nullptr) {
    const size_t capacity = std::max({capacity_ * 2, size_ + count, size_t{64}});
    char* data = static_cast<char*>(std::malloc(capacity));
    failed_ = data == nullptr;
    if (failed_) return nullptr;
    if (data_ != nullptr) ::memcpy(data, data_, size_);
    reset();
    data_ = data;
    capacity_ = capacity;
  }
  return data_ + size_;
}

void Bytes::consume(size_t count) {
  ::memmove(data_, data_ + count, size_ - count);
  size_ -= count;
  ::explicit_bzero(data_ + size_, count);
}

}  // namespace reeve::client
