// Bytes: a growing buffer that leaves nothing behind. Every block is wiped before it is freed, the
// old one too when the buffer grows: frames hold tokens.
//
// Memory that ran out is remembered, so that a text can be put together first and be looked at
// once, when it is whole: failed().
#pragma once

#include <cstddef>
#include <string_view>

namespace reeve::client {

class Bytes final {
 public:
  Bytes() = default;
  Bytes(Bytes&& other) noexcept;
  Bytes& operator=(Bytes&& other) noexcept;
  ~Bytes();

  char* data() { return data_; }
  std::string_view view() const { return {data_, size_}; }
  size_t size() const { return size_; }
  bool failed() const { return failed_; }

  void append(std::string_view more);
  // Room for `count` bytes behind the end, or null; `grow` takes in those that were written there.
  char* room(size_t count);
  void grow(size_t count) { size_ += count; }
  // Leaves the first `size` bytes; what was behind them is wiped with the block.
  void shorten(size_t size) { size_ = size; }
  // Takes `count` bytes away from the front.
  void consume(size_t count);

 private:
  void reset();

  char* data_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
  bool failed_ = false;
};

}  // namespace reeve::client
