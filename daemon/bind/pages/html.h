// Html: text on its way to a browser, in which nothing foreign can be markup.
//
// What is written is either a literal of this program (the constructor is consteval: the compiler
// refuses any other string), or a Text, which is escaped, or an Html made in the same way. There is
// no fourth kind, so forgetting to escape does not compile. The escaping fits element content and
// attribute values in double quotes, and there is no other place for a Text.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

namespace reeve {

class Html;

// A foreign text, escaped when written. Control characters, broken UTF-8 and the marks that turn
// the direction of writing (they make "evil.exe" read as something else) become U+FFFD; it is cut
// at `limit` bytes.
struct Text {
  explicit Text(std::string_view text, size_t cut = 300) : value(text), limit(cut) {}
  std::string_view value;
  size_t limit;
};

class Piece {
 public:
  template <size_t N>
  consteval Piece(const char (&literal)[N])  // NOLINT(google-explicit-constructor)
      : text_(literal, N - 1) {}
  Piece(Text text)  // NOLINT(google-explicit-constructor)
      : text_(text.value), limit_(text.limit), foreign_(true) {}
  Piece(const Html& html);  // NOLINT(google-explicit-constructor)

 private:
  friend class Html;
  std::string_view text_;
  size_t limit_ = 0;
  bool foreign_ = false;
};

class Html {
 public:
  Html() = default;
  Html(std::initializer_list<Piece> pieces) { add(pieces); }

  Html& add(std::initializer_list<Piece> pieces);
  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }

 private:
  std::string text_;
};

}  // namespace reeve
