#include "base/json_writer.h"

#include <charconv>
#include <cmath>
#include <cstring>

#include "base/encoding.h"

namespace reeve {
namespace {

bool plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

// How many octets at the start of `text` stand for themselves; eight at a time, since tokens are
// long.
size_t plain_run(std::string_view text) {
  constexpr uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
  const auto zero = [](uint64_t word) { return (word - ones) & ~word & highs; };
  size_t run = 0;
  for (; run + 8 <= text.size(); run += 8) {
    uint64_t word = 0;
    std::memcpy(&word, text.data() + run, 8);
    const uint64_t control = (word - ones * 0x20) & ~word & highs;
    if ((word & highs) != 0 || control != 0 || zero(word ^ (ones * '"')) != 0 ||
        zero(word ^ (ones * '\\')) != 0) {
      break;
    }
  }
  while (run < text.size() && plain(text[run])) ++run;
  return run;
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; break;
    case '\\': out += "\\\\"; break;
    case '\n': out += "\\n"; break;
    case '\r': out += "\\r"; break;
    case '\t': out += "\\t"; break;
    default:
      out += "\\u00";
      out += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4];
      out += "0123456789abcdef"[static_cast<unsigned char>(c) & 15];
  }
}

// The first character of `text` if it is valid UTF-8, else an empty view.
std::string_view character(std::string_view text) {
  for (size_t length = 1; length <= 4 && length <= text.size(); ++length) {
    if (valid_utf8(text.substr(0, length))) return text.substr(0, length);
  }
  return {};
}

}  // namespace

void JsonWriter::separate() {
  if (!first_) out_ += ',';
  first_ = false;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  out_ += bracket;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_ += bracket;
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  string(name);
  out_ += ':';
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view value) {
  separate();
  out_ += '"';
  while (!value.empty()) {
    const size_t run = plain_run(value);
    out_ += value.substr(0, run);
    value.remove_prefix(run);
    if (value.empty()) break;
    if (static_cast<unsigned char>(value[0]) < 0x80) {
      if (value[0] == 0x7F) out_ += value[0];
      else append_escaped(out_, value[0]);
      value.remove_prefix(1);
      continue;
    }
    const std::string_view wide = character(value);
    out_ += wide.empty() ? "\xEF\xBF\xBD" : wide;
    value.remove_prefix(wide.empty() ? 1 : wide.size());
  }
  out_ += '"';
  return *this;
}

JsonWriter& JsonWriter::integer(int64_t value) {
  separate();
  char buffer[24];
  out_.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr);
  return *this;
}

JsonWriter& JsonWriter::real(double value) {
  if (!std::isfinite(value)) return null();
  separate();
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  const std::string_view text(buffer, static_cast<size_t>(end - buffer));
  out_ += text;
  if (text.find_first_of(".e") == std::string_view::npos) out_ += ".0";
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
  return *this;
}

JsonWriter& JsonWriter::null() {
  separate();
  out_ += "null";
  return *this;
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

JsonWriter& JsonWriter::value(const Json& value) {
  switch (value.type()) {
    case Json::Type::null: return null();
    case Json::Type::boolean: return boolean(*value.boolean());
    case Json::Type::integer: return integer(*value.integer());
    case Json::Type::real: return real(*value.real());
    case Json::Type::string: return string(*value.string());
    case Json::Type::array:
      begin_array();
      for (const Json& element : *value.array()) this->value(element);
      return end_array();
    case Json::Type::object:
      begin_object();
      for (const auto& [name, element] : *value.object()) key(name).value(element);
      return end_object();
  }
  return *this;
}

JsonWriter& JsonWriter::member(std::string_view name, const std::vector<std::string>& values) {
  key(name).begin_array();
  for (const std::string& value : values) string(value);
  return end_array();
}

std::string to_text(const Json& value) {
  std::string text;
  JsonWriter(text).value(value);
  return text;
}

}  // namespace reeve
