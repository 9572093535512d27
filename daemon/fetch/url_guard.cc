#include "fetch/url_guard.h"

#include <algorithm>

namespace reeve {
namespace {

constexpr size_t kHostBytes = 253;  // RFC 1035
constexpr size_t kLabelBytes = 63;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

Error wrong(const char* what) { return Error{Code::invalid, what}; }

// RFC 3986: pchar, "/" and "?", with whole escapes.
bool good_path_and_query(std::string_view text) {
  constexpr std::string_view kOthers = "-._~!$&'()*+,;=:@/?";
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) return false;
      i += 2;
    } else if (!is_letter(text[i]) && !is_digit(text[i]) &&
               kOthers.find(text[i]) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool good_label(std::string_view label) {
  return !label.empty() && label.size() <= kLabelBytes && label.front() != '-' &&
         label.back() != '-' && std::all_of(label.begin(), label.end(), [](char c) {
           return is_letter(c) || is_digit(c) || c == '-';
         });
}

// What inet_aton(3) might take for a number: "1", "017", "0x7f".
bool looks_numeric(std::string_view label) {
  if (std::all_of(label.begin(), label.end(), is_digit)) return true;
  return label.size() >= 2 && label[0] == '0' && lower(label[1]) == 'x' &&
         std::all_of(label.begin() + 2, label.end(), is_hex);
}

bool good_name(std::string_view host) {
  if (host.empty() || host.size() > kHostBytes) return false;
  while (true) {
    const size_t dot = host.find('.');
    const std::string_view label = host.substr(0, dot);
    if (!good_label(label)) return false;
    // A name whose last label is a number is an address to some readers and a name to others.
    if (dot == std::string_view::npos) return !looks_numeric(label);
    host.remove_prefix(dot + 1);
  }
}

Result<void> read_host(std::string_view text, Url& url) {
  const bool brackets = text.size() > 2 && text.front() == '[' && text.back() == ']';
  if (brackets) text = text.substr(1, text.size() - 2);
  url.host.resize(text.size());
  std::transform(text.begin(), text.end(), url.host.begin(), lower);
  url.literal = parse_ip(text);
  if (url.literal && url.literal->v6 == brackets) return {};
  if (brackets || !good_name(text)) return wrong("the host is neither a DNS name nor an address");
  return {};
}

// "" or ":PORT".
Result<void> read_port(std::string_view text, Url& url) {
  if (text.empty()) return {};
  text.remove_prefix(1);
  if (text.empty() || text.size() > 5 || text.front() == '0') return wrong("the port is no number");
  int port = 0;
  for (const char c : text) {
    if (!is_digit(c)) return wrong("the port is no number");
    port = port * 10 + (c - '0');
  }
  if (port > 65535) return wrong("the port is over 65535");
  url.port = static_cast<uint16_t>(port);
  return {};
}

Result<void> read_authority(std::string_view text, Url& url) {
  if (text.find('@') != std::string_view::npos) return wrong("the URL has a user name");
  const size_t bracket = text.rfind(']');
  const size_t colon = text.find(':', bracket == std::string_view::npos ? 0 : bracket);
  const size_t end = colon == std::string_view::npos ? text.size() : colon;
  REEVE_CHECK(read_host(text.substr(0, end), url));
  return read_port(text.substr(end), url);
}

bool loopback_host(const Url& url) {
  if (url.literal) return classify(*url.literal) == AddressKind::loopback;
  return url.host == "localhost" || url.host.ends_with(".localhost");
}

}  // namespace

Result<Url> guard_url(std::string_view text, bool loopback_http) {
  constexpr std::string_view kHttps = "https://", kHttp = "http://";
  if (text.size() > kUrlBytes) return wrong("the URL is too long");
  Url url;
  url.tls = text.starts_with(kHttps);
  if (!url.tls && !text.starts_with(kHttp)) return wrong("the URL's scheme is not https");
  if (!url.tls) url.port = 80;
  text.remove_prefix(url.tls ? kHttps.size() : kHttp.size());

  const size_t end = std::min(text.find_first_of("/?#"), text.size());
  REEVE_CHECK(read_authority(text.substr(0, end), url));
  const std::string_view rest = text.substr(end);
  if (rest.find('#') != std::string_view::npos) return wrong("the URL has a fragment");
  if (!good_path_and_query(rest)) return wrong("the URL's path or query has a forbidden character");
  if (!url.tls && !(loopback_http && loopback_host(url))) return wrong("the URL is not https");

  const bool brackets = url.literal && url.literal->v6;
  url.text = url.tls ? kHttps : kHttp;
  url.text += brackets ? "[" : "";
  url.text += url.host;
  url.text += brackets ? "]:" : ":";
  url.text += std::to_string(url.port);
  if (!rest.starts_with('/')) url.text += '/';
  url.text += rest;
  return url;
}

}  // namespace reeve
