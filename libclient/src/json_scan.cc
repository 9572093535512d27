#include "src/json_scan.h"

#include <algorithm>

namespace reeve::client {
namespace {

bool digit(char c) { return c >= '0' && c <= '9'; }

void append_utf8(std::string& out, unsigned point) {
  if (point < 0x80) {
    out += static_cast<char>(point);
    return;
  }
  const int more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  const unsigned lead[] = {0, 0xC0, 0xE0, 0xF0};
  out += static_cast<char>(lead[more] | (point >> (6 * more)));
  for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | ((point >> (6 * i)) & 0x3F));
}

// A recursive descent; every function is at the first character of its part and ends behind it.
class Scanner final {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  bool whole(std::vector<JsonMember>& members) {
    skip_blanks();
    if (!object(&members)) return false;
    skip_blanks();
    return at_ == text_.size();
  }

 private:
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (peek() != c || at_ == text_.size()) return false;
    ++at_;
    return true;
  }
  bool word(std::string_view expected) {
    if (text_.substr(at_, expected.size()) != expected) return false;
    at_ += expected.size();
    return true;
  }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }

  bool value() {
    switch (peek()) {
      case '{': return object(nullptr);
      case '[': return array();
      case '"': return string(nullptr);
      case 't': return word("true");
      case 'f': return word("false");
      case 'n': return word("null");
      default: return number();
    }
  }

  bool object(std::vector<JsonMember>* members) {
    if (!take('{') || depth_++ == kJsonDepth) return false;
    std::vector<std::string> keys;
    skip_blanks();
    while (peek() != '}') {
      if (!keys.empty() && !comma()) return false;
      std::string key;
      if (!string(&key)) return false;
      skip_blanks();
      if (!take(':')) return false;
      skip_blanks();
      const size_t start = at_;
      if (!value()) return false;
      if (members != nullptr) members->push_back({key, text_.substr(start, at_ - start)});
      keys.push_back(std::move(key));
      skip_blanks();
    }
    std::sort(keys.begin(), keys.end());
    --depth_;
    return take('}') && std::adjacent_find(keys.begin(), keys.end()) == keys.end();
  }

  bool array() {
    if (!take('[') || depth_++ == kJsonDepth) return false;
    skip_blanks();
    for (bool first = true; peek() != ']'; first = false) {
      if ((!first && !comma()) || !value()) return false;
      skip_blanks();
    }
    --depth_;
    return take(']');
  }

  bool comma() {
    if (!take(',')) return false;
    skip_blanks();
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

  // With `out`, the text it stands for is added there.
  bool string(std::string* out) {
    if (!take('"')) return false;
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') return ++at_, true;
      const size_t start = at_;
      if (c == '\\') {
        if (!escape(out)) return false;
        continue;
      }
      if (!character()) return false;
      if (out != nullptr) out->append(text_, start, at_ - start);
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

  bool escape(std::string* out) {
    ++at_;
    const std::string_view from = "\"\\/bfnrt", to = "\"\\/\b\f\n\r\t";
    const char c = peek();
    if (const size_t i = from.find(c); c != '\0' && i != std::string_view::npos) {
      ++at_;
      if (out != nullptr) *out += to[i];
      return true;
    }
    unsigned point = 0;
    if (!take('u') || !hex(point)) return false;
    if (point >= 0xD800 && point < 0xE000) {
      unsigned low = 0;
      if (point >= 0xDC00 || !word("\\u") || !hex(low) || low < 0xDC00 || low > 0xDFFF)
        return false;
      point = 0x10000 + ((point - 0xD800) << 10) + (low - 0xDC00);
    }
    if (out != nullptr) append_utf8(*out, point);
    return true;
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
  size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

std::optional<std::vector<JsonMember>> scan_object(std::string_view text) {
  std::vector<JsonMember> members;
  if (!Scanner(text).whole(members)) return std::nullopt;
  return members;
}

}  // namespace reeve::client
