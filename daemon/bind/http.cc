#include "bind/http.h"

#include <strings.h>

#include "base/check.h"

namespace reeve {
namespace {

bool same_name(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string pictures(const Site& site) {
  return site.brand.logo.octets.empty() ? "" : "img-src 'self'; ";
}

}  // namespace

std::string_view Request::path() const {
  return std::string_view(target).substr(0, target.find('?'));
}

std::string_view Request::query() const {
  const size_t mark = target.find('?');
  return mark == std::string::npos ? std::string_view() : std::string_view(target).substr(mark + 1);
}

std::optional<std::string_view> Request::header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (same_name(key, name)) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> Request::values(std::string_view name) const {
  std::vector<std::string_view> all;
  for (const auto& [key, value] : headers) {
    if (same_name(key, name)) all.emplace_back(value);
  }
  return all;
}

Answer see_other(std::string path) {
  Answer answer;
  answer.status = 303;
  answer.type.clear();
  answer.headers.emplace_back("Location", std::move(path));
  return answer;
}

Headers standing_headers(const Site& site, const Answer& answer) {
  Headers headers{
      {"Content-Security-Policy",
       "default-src 'none'; style-src 'self'; " + pictures(site) +
           "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"},
      {"X-Frame-Options", "DENY"},
      {"Referrer-Policy", answer.forms ? "same-origin" : "no-referrer"},
      {"Cache-Control", "no-store"},
      {"X-Content-Type-Options", "nosniff"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Permissions-Policy",
       "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"},
      // One request a connection: nothing to pipeline, smuggle, or hold open.
      {"Connection", "close"},
  };
  if (!check_on(Check::referrer)) headers[2].second = "unsafe-url";
  if (!check_on(Check::opener)) headers.erase(headers.begin() + 5);
  if (!check_on(Check::framing)) headers.erase(headers.begin(), headers.begin() + 2);
  else if (!check_on(Check::csp)) headers.erase(headers.begin());
  if (site.https) headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
  if (!answer.type.empty()) headers.emplace_back("Content-Type", answer.type);
  return headers;
}

}  // namespace reeve
