#include "src/json_text.h"

#include <charconv>
#include <cstring>

namespace reeve::client {
namespace {

bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<size_t>(end - begin)};
}

// Behind a text's closing quote; at: its opening one.
size_t behind_text(std::string_view text, size_t at) {
  for (++at; text[at] != '"'; ++at) {
    if (text[at] == '\\') ++at;
  }
  return at + 1;
}

}  // namespace

// The number of four hexadecimal digits.
unsigned Letters::unit() {
  unsigned number = 0;
  std::from_chars(at_, at_ + 4, number, 16);
  at_ += 4;
  return number;
}

void Letters::spread(unsigned point) {
  const int count = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
  for (left_ = 0; left_ < count; ++left_) {
    more_[left_] = static_cast<unsigned char>(0x80 | ((point >> (6 * left_)) & 0x3F));
  }
}

int Letters::next() {
  if (left_ > 0) return more_[--left_];
  if (at_ == end_) return -1;
  if (*at_ != '\\') return static_cast<unsigned char>(*at_++);
  const char sign = at_[1];
  at_ += 2;
  if (sign != 'u') {
    constexpr char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    const char* known = std::strchr(from, sign);
    return known == nullptr ? sign : to[known - from];
  }
  unsigned point = unit();
  if (point >= 0xD800 && point < 0xE000) {
    at_ += 2;  // the second half's backslash and u
    point = 0x10000 + ((point - 0xD800) << 10) + (unit() - 0xDC00);
  }
  if (point < 0x80) return static_cast<int>(point);
  spread(point);
  const unsigned lead[] = {0, 0xC0, 0xE0, 0xF0};
  return static_cast<int>(lead[left_] | (point >> (6 * left_)));
}

int compare(std::string_view between_quotes, std::string_view other) {
  Letters left(between_quotes), right(other);
  while (true) {
    const int a = left.next(), b = right.next();
    if (a != b) return a - b;
    if (a < 0) return 0;
  }
}

Walk::Walk(std::string_view container) : text_(container), object_(is_object(container)) {
  if (!object_ && !is_list(container)) text_ = {};
}

void Walk::blanks() {
  while (at_ < text_.size() && (blank(text_[at_]) || text_[at_] == ',' || text_[at_] == ':')) ++at_;
}

std::string_view Walk::value() {
  const size_t start = at_;
  int depth = 0;
  do {
    const char c = text_[at_];
    if (c == '"') {
      at_ = behind_text(text_, at_);
      continue;
    }
    if (c == '{' || c == '[') ++depth;
    if (c == '}' || c == ']') --depth;
    ++at_;
    // A number or a word ends before what cannot be in one.
    if (depth == 0 && c != '}' && c != ']') {
      while (std::strchr(",]} \t\r\n", text_[at_]) == nullptr) ++at_;
    }
  } while (depth > 0);
  return between(text_.data() + start, text_.data() + at_);
}

bool Walk::next(std::string_view& key, std::string_view& value) {
  if (at_ == 0) ++at_;
  blanks();
  if (at_ + 1 >= text_.size()) return false;
  key = {};
  if (object_) {
    const size_t start = at_;
    at_ = behind_text(text_, at_);
    key = between(text_.data() + start + 1, text_.data() + at_ - 1);
    blanks();
  }
  value = this->value();
  return true;
}

std::string_view find(std::string_view object, std::string_view name) {
  std::string_view key, value;
  if (!is_object(object)) return {};
  for (Walk walk(object); walk.next(key, value);) {
    if (compare(key, name) == 0) return value.front() == 'n' ? std::string_view() : value;
  }
  return {};
}

bool resolve(std::string_view value, char* to) {
  Letters letters(between(value.data() + 1, value.data() + value.size() - 1));
  int letter = 0;
  for (; (letter = letters.next()) > 0; ++to) *to = static_cast<char>(letter);
  *to = '\0';
  return letter < 0;
}

bool whole_number(std::string_view value, int64_t& number) {
  const char* const end = value.data() + value.size();
  int64_t read = 0;
  const auto [stopped, wrong] = std::from_chars(value.data(), end, read);
  if (value.empty() || wrong != std::errc() || stopped != end) return false;
  number = read;
  return true;
}

}  // namespace reeve::client
