#include "src/json_check.h"

#include <algorithm>
#include <cstdlib>

#include "src/json_text.h"

namespace reeve::client {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

// The keys of all objects that are open, one after the other: texts between quotes.
class Keys final {
 public:
  Keys() = default;
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;
  ~Keys() { std::free(keys_); }

  size_t size() const { return size_; }
  bool push(std::string_view key) {
    if (size_ == capacity_) {
      const size_t capacity = std::max<size_t>(capacity_ * 2, 16);
      auto* const keys =
          static_cast<std::string_view*>(std::realloc(keys_, capacity * sizeof(std::string_view)));
      if (keys == nullptr) return false;
      keys_ = keys;
      capacity_ = capacity;
    }
    keys_[size_++] = key;
    return true;
  }
  // Drops those from `first` on; false if two of them were the same.
  bool drop(size_t first) {
    std::string_view* const begin = keys_ + first;
    std::string_view* const end = keys_ + size_;
    size_ = first;
    if (begin == end) return true;
    std::sort(begin, end, [](std::string_view a, std::string_view b) { return compare(a, b) < 0; });
    return std::adjacent_find(begin, end, [](std::string_view a, std::string_view b) {
             return compare(a, b) == 0;
           }) == end;
  }

 private:
  std::string_view* keys_ = nullptr;
  size_t size_ = 0;
  size_t capacity_ = 0;
};

// A recursive descent; every function is at the first character of its part and ends behind it.
class Checker final {
 public:
  explicit Checker(std::string_view text) : text_(text) {}

  JsonCheck whole() {
    blanks();
    bool good = object();
    blanks();
    good = good && at_ == text_.size();
    return no_memory_ ? JsonCheck::no_memory : good ? JsonCheck::object : JsonCheck::broken;
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool word(std::string_view expected) {
    for (const char c : expected) {
      if (!take(c)) return false;
    }
    return true;
  }
  void blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }

  bool value() {
    switch (peek()) {
      case '{': return object();
      case '[': return array();
      case '"': return string();
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }

  bool object() {
    if (!take('{') || depth_++ == kJsonDepth) return false;
    const size_t first = keys_.size();
    blanks();
    while (peek() != '}') {
      if (keys_.size() > first && !comma()) return false;
      if (!key()) return false;
      blanks();
      if (!take(':')) return false;
      blanks();
      if (!value()) return false;
      blanks();
    }
    --depth_;
    return take('}') && keys_.drop(first);
  }

  bool key() {
    const size_t start = at_;
    if (!string()) return false;
    no_memory_ = !keys_.push({text_.data() + start + 1, at_ - start - 2});
    return !no_memory_;
  }

  bool array() {
    if (!take('[') || depth_++ == kJsonDepth) return false;
    blanks();
    for (bool first = true; peek() != ']'; first = false) {
      if ((!first && !comma()) || !value()) return false;
      blanks();
    }
    --depth_;
    return take(']');
  }

  bool comma() {
    if (!take(',')) return false;
    blanks();
    return true;
  }

  bool digits() {
    if (!digit(peek())) return false;
    while (digit(peek())) ++at_;
    return true;
  }

  bool number() {
    take('-');
    if (!take('0') && !digits()) return false;
    if (take('.') && !digits()) return false;
    if (!take('e') && !take('E')) return true;
    if (!take('+')) take('-');
    return digits();
  }

  bool string() {
    if (!take('"')) return false;
    while (at_ < text_.size()) {
      if (take('"')) return true;
      if (!(take('\\') ? escape() : character())) return false;
    }
    return false;
  }

  // One character as UTF-8 (RFC 3629: shortest form, no surrogates, up to U+10FFFF).
  bool character() {
    const auto lead = static_cast<unsigned char>(text_[at_++]);
    if (lead < 0x80) return lead >= 0x20;
    const int more = lead >= 0xC2 && lead < 0xE0   ? 1
                     : lead >= 0xE0 && lead < 0xF0 ? 2
                     : lead >= 0xF0 && lead < 0xF5 ? 3
                                                   : 0;
    unsigned point = more == 0 ? 0 : lead & (0x3FU >> more);
    for (int i = 0; i < more; ++i) {
      const auto byte = static_cast<unsigned char>(peek());
      if ((byte & 0xC0) != 0x80) return false;
      point = point << 6 | (byte & 0x3F);
      ++at_;
    }
    const unsigned least[] = {0x110000, 0x80, 0x800, 0x10000};
    return point >= least[more] && point < 0x110000 && (point < 0xD800 || point > 0xDFFF);
  }

  bool escape() {
    for (const char c : {'"', '\\', '/', 'b', 'f', 'n', 'r', 't'}) {
      if (take(c)) return true;
    }
    unsigned point = 0, low = 0;
    if (!take('u') || !hex(point)) return false;
    if (point < 0xD800 || point > 0xDFFF) return true;
    return point < 0xDC00 && word("\\u") && hex(low) && low >= 0xDC00 && low <= 0xDFFF;
  }

  bool hex(unsigned& number) {
    for (int i = 0; i < 4; ++i, ++at_) {
      const char c = peek();
      const int value = digit(c)               ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (value < 0) return false;
      number = number << 4 | static_cast<unsigned>(value);
    }
    return true;
  }

  std::string_view text_;
  Keys keys_;
  size_t at_ = 0;
  int depth_ = 0;
  bool no_memory_ = false;
};

}  // namespace

JsonCheck check_object(std::string_view text) { return Checker(text).whole(); }

}  // namespace reeve::client
