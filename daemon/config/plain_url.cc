#include "config/plain_url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

namespace reeve {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_label_char(char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; }

// Only the notation that is written back the same.
bool is_address(int family, std::string_view text) {
  unsigned char bytes[16];
  char back[INET6_ADDRSTRLEN];
  const std::string copy(text);
  if (::inet_pton(family, copy.c_str(), bytes) != 1) return false;
  return ::inet_ntop(family, bytes, back, sizeof back) && copy == back;
}

bool valid_name(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  size_t length = 0;
  for (const char c : host) {
    if (c == '.') {
      if (length == 0) return false;
      length = 0;
    } else if (!is_label_char(c) || ++length > 63) {
      return false;
    }
  }
  return length > 0;
}

// What resolvers may take for an address: the last label is a number.
bool ends_in_number(std::string_view host) {
  const std::string_view last = host.substr(host.rfind('.') + 1);
  return std::all_of(last.begin(), last.end(), is_digit) || last.starts_with("0x");
}

// Splits "host:port" or "[address]:port". nullopt: a broken port.
std::optional<std::pair<std::string_view, uint16_t>> split_port(std::string_view authority) {
  const size_t bracket = authority.rfind(']');
  const size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon == std::string_view::npos) return std::pair{authority, uint16_t{0}};
  const std::string_view digits = authority.substr(colon + 1);
  uint16_t port = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  const bool whole = failure == std::errc() && end == digits.data() + digits.size();
  if (!whole || port == 0 || digits.front() == '0') return std::nullopt;
  return std::pair{authority.substr(0, colon), port};
}

}  // namespace

bool is_plain_host(std::string_view host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    return is_address(AF_INET6, host.substr(1, host.size() - 2));
  }
  if (!valid_name(host)) return false;
  return !ends_in_number(host) || is_address(AF_INET, host);
}

bool is_host_pattern(std::string_view pattern) {
  const bool below = pattern.starts_with("*.");
  if (below) pattern.remove_prefix(2);
  if (!below) return is_plain_host(pattern);
  // A whole top-level domain is nobody's own; nor is a piece of an address.
  return valid_name(pattern) && !ends_in_number(pattern) && pattern.find('.') != pattern.npos;
}

bool host_matches(std::string_view pattern, std::string_view host) {
  if (!pattern.starts_with("*.")) return pattern == host;
  return host.size() > pattern.size() - 1 && host.ends_with(pattern.substr(1));
}

bool is_loopback_host(std::string_view host) {
  if (host == "localhost" || host.ends_with(".localhost") || host == "[::1]") return true;
  return host.starts_with("127.") && is_address(AF_INET, host);
}

std::optional<PlainUrl> parse_plain_url(std::string_view text) {
  const auto printable = [](char c) { return c > ' ' && c < 0x7f; };
  if (text.size() > 2048 || !std::all_of(text.begin(), text.end(), printable)) return std::nullopt;
  if (text.find_first_of("#\"<>\\^`{|}") != std::string_view::npos) return std::nullopt;
  PlainUrl url;
  url.https = text.starts_with("https://");
  if (!url.https && !text.starts_with("http://")) return std::nullopt;
  text.remove_prefix(url.https ? 8 : 7);
  const std::string_view authority = text.substr(0, text.find_first_of("/?"));
  text.remove_prefix(authority.size());
  const auto parts = split_port(authority);
  if (!parts || !is_plain_host(parts->first)) return std::nullopt;
  url.host = parts->first;
  url.port = parts->second;
  const size_t mark = text.find('?');
  url.path = text.substr(0, mark);
  url.has_query = mark != std::string_view::npos;
  if (url.has_query) url.query = text.substr(mark + 1);
  return url;
}

}  // namespace reeve
