#include "oauth/text.h"

#include <algorithm>

#include "base/encoding.h"

namespace reeve {
namespace {

constexpr size_t kScopeBytes = 512;
constexpr size_t kScopes = 256;
constexpr size_t kResourceBytes = 2048;
constexpr size_t kErrorBytes = 64;
constexpr size_t kWordBytes = 12;  // a secret of fewer characters is none

bool lower_letter(char c) { return c >= 'a' && c <= 'z'; }
bool letter(char c) { return lower_letter(c) || (c >= 'A' && c <= 'Z'); }
bool digit(char c) { return c >= '0' && c <= '9'; }

// The characters that tokens are made of: base64 of both alphabets, hex, JWTs, percent escapes.
bool token_char(char c) {
  constexpr std::string_view marks = "-._~+/=%";
  return letter(c) || digit(c) || marks.find(c) != marks.npos;
}

// "authorization_code_expired" and "Authorization" are words, however long; what has digits, marks
// or capitals within may be a secret.
bool may_be_secret(std::string_view word) {
  if (word.size() < kWordBytes) return false;
  if (letter(word.front())) word.remove_prefix(1);
  return !std::all_of(word.begin(), word.end(),
                      [](char c) { return lower_letter(c) || c == '_' || c == '-' || c == '.'; });
}

}  // namespace

bool visible_text(std::string_view text, size_t limit) {
  return !text.empty() && text.size() <= limit &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c <= 0x7E; });
}

bool scope_token(std::string_view text) {
  return !text.empty() && text.size() <= kScopeBytes &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x21 && c <= 0x7E && c != '"' && c != '\\'; });
}

std::optional<std::vector<std::string>> split_scopes(std::string_view text, char separator) {
  std::vector<std::string> scopes;
  while (!text.empty()) {
    const size_t end = std::min(text.find(' '), text.find(separator));
    const std::string_view token = text.substr(0, end);
    text = end == text.npos ? std::string_view() : text.substr(end + 1);
    if (token.empty()) continue;
    if (!scope_token(token)) return std::nullopt;
    if (std::find(scopes.begin(), scopes.end(), token) != scopes.end()) continue;
    if (scopes.size() == kScopes) return std::nullopt;
    scopes.emplace_back(token);
  }
  return scopes;
}

bool resource_indicator(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == text.npos || colon + 1 == text.size() || !letter(text.front())) return false;
  const auto scheme_char = [](char c) {
    return letter(c) || digit(c) || c == '+' || c == '-' || c == '.';
  };
  return text.size() <= kResourceBytes &&
         std::all_of(text.begin(), text.begin() + static_cast<ptrdiff_t>(colon), scheme_char) &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return c > 0x20 && c < 0x7F && c != '#' && c != '"' && c != '\\' && c != '<' && c != '>';
         });
}

std::string summary(std::string_view text) {
  // Masked before it is cut, so that no piece of a long word is left at the end.
  std::string masked;
  for (size_t i = 0; i < text.size() && masked.size() < 1000;) {
    size_t end = i;
    while (end < text.size() && token_char(text[end])) ++end;
    if (end == i) {
      masked += text[i++];
      continue;
    }
    const std::string_view word = text.substr(i, end - i);
    masked += may_be_secret(word) ? std::string_view("[...]") : word;
    i = end;
  }
  return printable(masked);
}

std::string error_word(std::string_view text) {
  const bool good = !text.empty() && text.size() <= kErrorBytes && !may_be_secret(text) &&
                    std::all_of(text.begin(), text.end(), [](char c) {
                      return letter(c) || digit(c) || c == '_' || c == '-' || c == '.' || c == ':';
                    });
  return good ? std::string(text) : "unrecognised";
}

}  // namespace reeve
