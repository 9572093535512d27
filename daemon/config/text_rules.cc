#include "config/text_rules.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/ip_address.h"
#include "config/plain_url.h"

namespace reeve {
namespace {

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_';
}

}  // namespace

bool is_table_name(const std::string& text) {
  return !text.empty() && text.size() <= 64 && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), is_name_char);
}

bool is_scope_token(const std::string& text) {
  return !text.empty() && text.size() <= 300 && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '\\';
  });
}

// RFC 6901 section 3; the pointer to the whole answer is of no use here.
bool is_json_pointer(const std::string& text) {
  if (text.size() < 2 || !is_one_line(text) || text.front() != '/') return false;
  for (size_t at = text.find('~'); at != std::string::npos; at = text.find('~', at + 1)) {
    if (at + 1 >= text.size() || (text[at + 1] != '0' && text[at + 1] != '1')) return false;
  }
  return true;
}

bool is_one_line(const std::string& text) {
  return !text.empty() && text.size() <= 200 && std::none_of(text.begin(), text.end(), is_control);
}

bool is_network(const std::string& text) { return parse_network(text).has_value(); }

bool is_domain(const std::string& text) {
  const auto part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return text.size() <= 253 && text.find('.') != std::string::npos && text.front() != '.' &&
         text.back() != '.' && text.find("..") == std::string::npos &&
         std::all_of(text.begin(), text.end(), part);
}

bool is_vouched_claim(const std::string& text) {
  constexpr std::array chosen{"name",     "given_name", "family_name", "middle_name",
                              "nickname", "username",   "profile",     "preferred_username",
                              "picture",  "website",    "locale",      "aud",
                              "iss",      "nonce",      "sid",         "at_hash"};
  return is_one_line(text) && std::find(chosen.begin(), chosen.end(), text) == chosen.end();
}

bool is_absolute_path(const std::string& text) {
  return text.starts_with('/') && text.size() < 4096 &&
         std::none_of(text.begin(), text.end(), is_control);
}

std::string url_fault(const std::string& text, const UrlRule& rule) {
  const auto url = parse_plain_url(text);
  if (!url) return "expected an https URL (lower-case host, no user name, no fragment)";
  if (!url->https && !is_loopback_host(url->host)) {
    return "expected https: http is for loopback addresses only";
  }
  if (!url->https && !rule.loopback_http) {
    return "expected https, or loopback_http = true beside it";
  }
  if (url->has_query && !rule.query) return "expected a URL without a query";
  return "";
}

}  // namespace reeve
