#include "bind/site.h"

#include <algorithm>

namespace reeve {
namespace {

std::string_view without_port(std::string_view authority) {
  const size_t bracket = authority.rfind(']');
  const size_t colon = authority.rfind(':');
  const bool has_port =
      colon != std::string_view::npos && (bracket == std::string_view::npos || colon > bracket);
  return has_port ? authority.substr(0, colon) : authority;
}

bool digit(char c) { return c >= '0' && c <= '9'; }

bool valid_host(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  const bool literal = host.front() == '[';
  if (literal && host.back() != ']') return false;
  if (literal) host = host.substr(1, host.size() - 2);
  return !host.empty() && std::all_of(host.begin(), host.end(), [literal](char c) {
    return (c >= 'a' && c <= 'z') || digit(c) || (literal ? c == ':' : c == '-' || c == '.');
  });
}

bool valid_port(std::string_view port) {
  if (port.empty() || port.size() > 5 || port.front() == '0') return false;
  int number = 0;
  for (const char c : port) {
    if (!digit(c)) return false;
    number = number * 10 + (c - '0');
  }
  return number <= 65535;
}

}  // namespace

bool loopback_authority(std::string_view authority) {
  const std::string_view host = without_port(authority);
  if (host == "localhost" || host == "[::1]" || host.ends_with(".localhost")) return true;
  // 127.0.0.0/8 in its one usual notation; a name that merely begins with it is none.
  return host.starts_with("127.") &&
         std::all_of(host.begin(), host.end(), [](char c) { return digit(c) || c == '.'; }) &&
         std::count(host.begin(), host.end(), '.') == 3;
}

bool Site::local() const { return loopback_authority(authority) && proxies.empty(); }

Result<Site> parse_site(std::string_view url) {
  Site site;
  site.https = url.starts_with("https://");
  if (!site.https && !url.starts_with("http://")) {
    return Error{Code::invalid, "the binding URL begins with https:// (or http:// on loopback)"};
  }
  const std::string_view scheme = site.https ? "https://" : "http://";
  std::string authority(url.substr(scheme.size()));
  if (authority.ends_with('/')) authority.pop_back();
  std::transform(authority.begin(), authority.end(), authority.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  const std::string host(without_port(authority));
  if (!valid_host(host)) {
    return Error{Code::invalid, "the binding URL is scheme, host and port, and nothing else"};
  }
  if (host.size() < authority.size()) {
    const std::string port = authority.substr(host.size() + 1);
    if (!valid_port(port)) return Error{Code::invalid, "the binding URL's port is not one"};
    if (port == (site.https ? "443" : "80")) authority = host;
  }
  if (!site.https && !loopback_authority(authority)) {
    return Error{Code::invalid, "a binding URL of http:// is for loopback only"};
  }
  site.origin = std::string(scheme) + authority;
  site.authority = std::move(authority);
  return site;
}

}  // namespace reeve
