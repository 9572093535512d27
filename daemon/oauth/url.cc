#include "oauth/url.h"

#include <arpa/inet.h>

#include <algorithm>

namespace reeve {
namespace {

constexpr size_t kUrlBytes = 2048;
constexpr size_t kHostBytes = 253;
constexpr size_t kLabelBytes = 63;

Error refusal(std::string_view what) { return {Code::invalid, "URL: " + std::string(what)}; }

bool digit(char c) { return c >= '0' && c <= '9'; }
bool letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool hex_digit(char c) { return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// The characters of a path, query and fragment (RFC 3986 section 3.3 to 3.5), escapes whole.
bool valid_text(std::string_view text, std::string_view further) {
  constexpr std::string_view marks = "-._~!$&'()*+,;=:@/";
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (letter(c) || digit(c) || marks.find(c) != marks.npos || further.find(c) != further.npos) {
      continue;
    }
    if (c != '%' || i + 2 >= text.size()) return false;
    if (!hex_digit(text[i + 1]) || !hex_digit(text[i + 2])) return false;
    i += 2;
  }
  return true;
}

// No "." or ".." segment, escaped or not.
bool plain_path(std::string_view path) {
  std::string text;
  for (size_t i = 0; i < path.size(); ++i) {
    const bool dot = path.substr(i, 3) == "%2e" || path.substr(i, 3) == "%2E";
    text += dot ? '.' : path[i];
    if (dot) i += 2;
  }
  text += '/';
  return text.find("/./") == text.npos && text.find("/../") == text.npos;
}

bool valid_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelBytes && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
           return letter(c) || digit(c) || c == '-';
         });
}

// A host whose last label begins with a digit is an IPv4 address to somebody ("127.1", "0x7f.1"),
// so it must be one in the only form that all agree on.
bool valid_name(std::string_view host) {
  const std::string_view last = host.substr(host.rfind('.') + 1);
  if (!last.empty() && digit(last.front())) {
    in_addr address{};
    return inet_pton(AF_INET, std::string(host).c_str(), &address) == 1;
  }
  for (std::string_view rest = host;;) {
    const size_t dot = rest.find('.');
    if (!valid_label(rest.substr(0, dot))) return false;
    if (dot == rest.npos) return true;
    rest.remove_prefix(dot + 1);
  }
}

bool valid_host(std::string_view host) {
  if (host.empty() || host.size() > kHostBytes) return false;
  if (host.front() != '[') return valid_name(host);
  in6_addr address{};
  return host.back() == ']' &&
         inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &address) == 1;
}

// 1 to 65535 without leading zero; 0 where it is not that.
int read_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || text.front() == '0') return 0;
  int port = 0;
  for (const char c : text) {
    if (!digit(c)) return 0;
    port = port * 10 + (c - '0');
  }
  return port > 65535 ? 0 : port;
}

Result<void> read_authority(std::string_view text, Url& url) {
  const size_t bracket = text.rfind(']');
  const size_t colon = text.find(':', bracket == text.npos ? 0 : bracket);
  url.host = text.substr(0, colon);
  for (char& c : url.host) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  if (!valid_host(url.host)) return refusal("no plain host name or address");
  if (colon == text.npos) return {};
  url.port = read_port(text.substr(colon + 1));
  return url.port == 0 ? Result<void>(refusal("no valid port")) : Result<void>();
}

int default_port(std::string_view scheme) { return scheme == "https" ? 443 : 80; }

}  // namespace

std::string Url::origin() const {
  std::string text = scheme + "://" + host;
  if (port != default_port(scheme)) text += ":" + std::to_string(port);
  return text;
}

bool Url::loopback() const {
  if (host == "localhost" || host.ends_with(".localhost") || host == "[::1]") return true;
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 && host.starts_with("127.");
}

Result<Url> parse_url(std::string_view text) {
  if (text.size() > kUrlBytes) return refusal("longer than 2048 bytes");
  Url url;
  for (const std::string_view scheme : {"https", "http"}) {
    if (!text.starts_with(std::string(scheme) + "://")) continue;
    url.scheme = scheme;
    text.remove_prefix(scheme.size() + 3);
    break;
  }
  if (url.scheme.empty()) return refusal("begins with neither https:// nor http://");
  url.port = default_port(url.scheme);
  const size_t hash = text.find('#');
  if (hash != text.npos) {
    url.has_fragment = true;
    if (!valid_text(text.substr(hash + 1), "?")) return refusal("a character that is not allowed");
    text = text.substr(0, hash);
  }
  const size_t mark = text.find('?');
  if (mark != text.npos) {
    url.has_query = true;
    url.query = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  const size_t slash = text.find('/');
  if (slash != text.npos) url.path = text.substr(slash);
  if (!valid_text(url.path, "") || !valid_text(url.query, "?")) {
    return refusal("a character that is not allowed");
  }
  if (!plain_path(url.path)) return refusal("a dot segment in the path");
  REEVE_CHECK(read_authority(text.substr(0, slash), url));
  return url;
}

Result<Url> parse_endpoint(std::string_view text, bool loopback_http) {
  REEVE_TRY(Url url, parse_url(text));
  if (url.has_fragment) return refusal("a fragment");
  if (url.scheme == "http" && !(loopback_http && url.loopback())) return refusal("not https");
  return url;
}

Result<Url> parse_issuer(std::string_view text, bool loopback_http) {
  REEVE_TRY(Url url, parse_endpoint(text, loopback_http));
  if (url.has_query) return refusal("an issuer has no query");
  return url;
}

bool host_allowed(const Url& url, const std::vector<std::string>& hosts) {
  if (hosts.empty()) return true;
  return std::any_of(hosts.begin(), hosts.end(), [&](const std::string& pattern) {
    if (!pattern.starts_with("*.")) return url.host == pattern;
    const std::string_view suffix = std::string_view(pattern).substr(1);
    return url.host.size() > suffix.size() && url.host.ends_with(suffix);
  });
}

bool valid_host_pattern(std::string_view pattern) {
  const bool below = pattern.starts_with("*.");
  if (below) pattern.remove_prefix(2);
  if (std::any_of(pattern.begin(), pattern.end(), [](char c) { return c >= 'A' && c <= 'Z'; })) {
    return false;
  }
  // "*.com" would be most of the world.
  return valid_host(pattern) && (!below || pattern.find('.') != pattern.npos);
}

}  // namespace reeve
