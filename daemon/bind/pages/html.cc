#include "bind/pages/html.h"

#include "base/check.h"
#include "base/encoding.h"

namespace reeve {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// U+200E, U+200F, U+061C, U+202A to U+202E, U+2066 to U+2069: the bytes at `text`, or 0.
size_t direction_mark(std::string_view text) {
  if (text.starts_with("\xD8\x9C")) return 2;
  if (text.size() < 3 || text[0] != '\xE2') return 0;
  const unsigned char third = static_cast<unsigned char>(text[2]);
  if (text[1] == '\x80') {
    return third == 0x8E || third == 0x8F || (third >= 0xAA && third <= 0xAE) ? 3 : 0;
  }
  return text[1] == '\x81' && third >= 0xA6 && third <= 0xA9 ? 3 : 0;
}

void append_escaped(std::string& out, std::string_view text) {
  if (!check_on(Check::escaping)) {
    out += text;
    return;
  }
  while (!text.empty()) {
    const size_t mark = direction_mark(text);
    if (mark != 0) {
      out += kReplacement;
      text.remove_prefix(mark);
      continue;
    }
    switch (text.front()) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += text.front();
    }
    text.remove_prefix(1);
  }
}

}  // namespace

Piece::Piece(const Html& html) : text_(html.str()) {}

Html& Html::add(std::initializer_list<Piece> pieces) {
  for (const Piece& piece : pieces) {
    if (piece.foreign_) append_escaped(text_, printable(piece.text_, piece.limit_));
    else text_ += piece.text_;
  }
  return *this;
}

}  // namespace reeve
