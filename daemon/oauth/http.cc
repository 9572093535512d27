#include "oauth/http.h"

#include <algorithm>

namespace reeve {
namespace {

constexpr int64_t kHour = 3600;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Digits, at most nine of them; nullopt otherwise.
std::optional<int64_t> small_number(std::string_view text) {
  if (text.empty() || text.size() > 9) return std::nullopt;
  int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + (c - '0');
  }
  return number;
}

}  // namespace

const std::string* find_header(const Parameters& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (same_name(key, name)) return &value;
  }
  return nullptr;
}

std::string media_type(const HttpResponse& response) {
  const std::string* header = find_header(response.headers, "Content-Type");
  if (header == nullptr) return {};
  std::string type(trimmed(std::string_view(*header).substr(0, header->find(';'))));
  std::transform(type.begin(), type.end(), type.begin(), lower);
  return type;
}

int64_t cache_seconds(const HttpResponse& response) {
  const std::string* header = find_header(response.headers, "Cache-Control");
  std::string_view rest = header == nullptr ? std::string_view() : *header;
  while (!rest.empty()) {
    const size_t end = rest.find(',');
    const std::string_view directive = trimmed(rest.substr(0, end));
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    const size_t equals = directive.find('=');
    if (equals == std::string_view::npos || !same_name(directive.substr(0, equals), "max-age")) {
      continue;
    }
    const auto seconds = small_number(directive.substr(equals + 1));
    return std::clamp(seconds.value_or(kHour), kHour, 24 * kHour);
  }
  return kHour;
}

FormBody& FormBody::add(std::string_view name, std::string_view value) {
  if (value.empty()) return *this;
  if (!text_.empty()) text_ += '&';
  text_ += form_encode(name);
  text_ += '=';
  text_ += form_encode(value);
  return *this;
}

FormBody& FormBody::add(const Parameters& parameters) {
  for (const auto& [name, value] : parameters) add(name, value);
  return *this;
}

HttpRequest get_json(std::string url) {
  HttpRequest request;
  request.method = "GET";
  request.url = std::move(url);
  request.headers = {{"Accept", "application/json"}, {"User-Agent", "reeve"}};
  return request;
}

}  // namespace reeve
