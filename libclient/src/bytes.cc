#include "src/bytes.h"

#include <string.h>  // NOLINT(modernize-deprecated-headers): explicit_bzero

#include <algorithm>
#include <utility>

namespace reeve::client {

Bytes::Bytes(Bytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)),
      size_(std::exchange(other.size_, 0)),
      capacity_(std::exchange(other.capacity_, 0)) {}

Bytes& Bytes::operator=(Bytes&& other) noexcept {
  if (this == &other) return *this;
  reset();
  data_ = std::exchange(other.data_, nullptr);
  size_ = std::exchange(other.size_, 0);
  capacity_ = std::exchange(other.capacity_, 0);
  return *this;
}

Bytes::~Bytes() { reset(); }

void Bytes::reset() {
  if (data_ != nullptr) explicit_bzero(data_, capacity_);
  delete[] data_;
}

void Bytes::append(std::string_view more) {
  std::copy(more.begin(), more.end(), room(more.size()));
  grow(more.size());
}

char* Bytes::room(size_t count) {
  if (capacity_ - size_ < count) {
    const size_t capacity = std::max(capacity_ * 2, size_ + count);
    char* data = new char[capacity];
    std::copy_n(data_, size_, data);
    reset();
    data_ = data;
    capacity_ = capacity;
  }
  return data_ + size_;
}

void Bytes::consume(size_t count) {
  std::copy(data_ + count, data_ + size_, data_);
  size_ -= count;
  explicit_bzero(data_ + size_, count);
}

}  // namespace reeve::client
