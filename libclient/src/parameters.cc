#include "src/parameters.h"

#include <charconv>
#include <cstdio>

namespace reeve::client {

void Parameters::name(const char* name) {
  text_.append(text_.size() == 0 ? "{\"" : ",\"");
  text_.append(name);
  text_.append("\":");
}

void Parameters::quoted(std::string_view text) {
  text_.append("\"");
  for (const char c : text) {
    char escaped[8];
    if (c == '"' || c == '\\') {
      const char pair[] = {'\\', c};
      text_.append({pair, sizeof(pair)});
    } else if (static_cast<unsigned char>(c) < 0x20) {
      std::snprintf(escaped, sizeof(escaped), "\\u%04x", static_cast<unsigned>(c));
      text_.append(escaped);
    } else {
      text_.append({&c, 1});
    }
  }
  text_.append("\"");
}

Parameters& Parameters::text(const char* name, const char* value) {
  if (value == nullptr) return *this;
  this->name(name);
  quoted(value);
  return *this;
}

Parameters& Parameters::number(const char* name, int64_t value) {
  if (value < 0) return *this;
  char digits[24];
  const auto [end, error] = std::to_chars(digits, digits + sizeof(digits), value);
  this->name(name);
  text_.append({digits, static_cast<size_t>(end - digits)});
  return *this;
}

Parameters& Parameters::flag(const char* name, bool value) {
  if (!value) return *this;
  this->name(name);
  text_.append("true");
  return *this;
}

Parameters& Parameters::texts(const char* name, const char* const* values, size_t count) {
  if (values == nullptr) return *this;
  this->name(name);
  text_.append("[");
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) text_.append(",");
    quoted(values[i]);
  }
  text_.append("]");
  return *this;
}

Parameters& Parameters::user(const char* issuer, const char* subject) {
  if (issuer == nullptr && subject == nullptr) return *this;
  Parameters user;
  user.text("issuer", issuer).text("subject", subject);
  name("user");
  text_.append(user.whole().view());
  return *this;
}

const Bytes& Parameters::whole() {
  text_.append(text_.size() == 0 ? "{}" : "}");
  return text_;
}

}  // namespace reeve::client
