#include "bind/gate.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "bind/csrf.h"
#include "bind/pages/error_pages.h"

namespace reeve {
namespace {

// The headers this program reads: of each only one may be there.
constexpr std::array<std::string_view, 10> kSingle{
    "host",           "origin",         "content-type", "content-length", "sec-fetch-site",
    "sec-fetch-mode", "sec-fetch-dest", "sec-purpose",  "purpose",        "transfer-encoding"};

bool clean(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    const unsigned char octet = static_cast<unsigned char>(c);
    return (octet < 0x20 && octet != '\t') || octet == 0x7F;
  });
}

// What the server could not take either; 0: sound.
int fault_of_form(const Request& request) {
  if (request.target.size() > kTargetBytes) return 414;
  size_t bytes = 0;
  for (const auto& [name, value] : request.headers) {
    bytes += name.size() + value.size();
    if (!clean(name) || !clean(value)) return 400;
  }
  if (bytes > kHeaderBytes) return 431;
  const bool repeated = std::any_of(kSingle.begin(), kSingle.end(), [&request](auto name) {
    return request.values(name).size() > 1;
  });
  if (repeated || !request.target.starts_with('/')) return 400;
  return plain(request.target, kTargetBytes) ? 0 : 400;
}

// The browser fetches ahead of its user: nothing is done, nothing is worth keeping.
bool ahead_of_user(const Request& request) {
  for (const std::string_view name : {"sec-purpose", "purpose", "x-purpose", "x-moz"}) {
    const auto value = request.header(name);
    if (value &&
        (value->find("prefetch") != value->npos || value->find("preview") != value->npos)) {
      return true;
    }
  }
  return false;
}

// Fetch metadata, where the browser sends it: our pages are opened, not embedded and not fetched.
bool opened_as_page(const Request& request) {
  if (!check_on(Check::embedding)) return true;
  const std::string_view site = request.header("sec-fetch-site").value_or("none");
  if (site == "same-origin" || site == "none") return true;
  return request.header("sec-fetch-mode").value_or("navigate") == "navigate" &&
         request.header("sec-fetch-dest").value_or("document") == "document";
}

bool same_origin(const Site& site, const Request& request) {
  if (!check_on(Check::origin)) return true;
  const auto fetch_site = request.header("sec-fetch-site");
  if (fetch_site && *fetch_site != "same-origin") return false;
  const auto origin = request.header("origin");
  return origin ? *origin == site.origin : fetch_site.has_value();
}

bool form_content(const Request& request) {
  std::string type(request.header("content-type").value_or(""));
  std::transform(type.begin(), type.end(), type.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  std::erase(type, ' ');
  return type == "application/x-www-form-urlencoded" ||
         type == "application/x-www-form-urlencoded;charset=utf-8";
}

std::optional<Cookies> cookies_of(const Request& request) {
  std::string all;  // a proxy may split the header (RFC 9113 section 8.2.3)
  for (const std::string_view value : request.values("cookie")) all.append(value).append("; ");
  auto cookies = parse_cookies(all);
  wipe(all);
  return cookies;
}

Answer wrong_method(const Look& look, const Route& route) {
  Answer answer = error_answer(look, 405);
  answer.headers.emplace_back("Allow", route.allow());
  return answer;
}

// The checks of a POST, once its parts are read.
std::optional<Answer> fault_of_post(const Site& site, const Request& request, const Visit& visit) {
  const Look& look = visit.look;
  if (!visit.route.from_elsewhere() && !same_origin(site, request)) return error_answer(look, 403);
  if (!form_content(request)) return error_answer(look, 415);
  if (visit.route.from_elsewhere()) return std::nullopt;
  for (const auto& [name, value] : visit.fields.all()) {
    if (!plain(name, 64) || !plain(value, 4096)) return error_answer(look, 400);
  }
  if (!csrf_holds(visit.cookies.browser, visit.path, visit.fields.text("csrf")) &&
      check_on(Check::form_token)) {
    return stale_answer(look, visit.route.get ? visit.path : "/");
  }
  return std::nullopt;
}

}  // namespace

std::variant<Visit, Answer> admit(const Site& site, const Request& request) {
  const Look look = look_for(site, request);
  if (const int fault = fault_of_form(request); fault != 0) return error_answer(look, fault);
  if (request.header("host") != site.authority && check_on(Check::host))
    return error_answer(look, 421);
  auto route = find_route(request.path());
  if (!route) return error_answer(look, 404);
  Visit visit;
  visit.look = look;
  visit.head = request.method == "HEAD";
  visit.post = request.method == "POST";
  const bool get = visit.head || request.method == "GET";
  if (!(get && route->get) && !(visit.post && route->post)) return wrong_method(look, *route);
  if (get && !request.body.empty()) return error_answer(look, 400);
  visit.path = request.path();
  visit.address = request.address;
  if (site.local()) visit.peer = request.peer;
  visit.route = std::move(*route);
  if (visit.route.fixed()) return visit;
  if (get && ahead_of_user(request)) return Answer{204, {}, {}, {}, false};
  if (get && !opened_as_page(request)) return error_answer(look, 403);
  auto query = Fields::parse(request.query());
  auto form = Fields::parse(request.body);
  auto cookies = cookies_of(request);
  if (!query || !form || !cookies) return error_answer(look, 400);
  visit.fields = std::move(visit.post ? *form : *query);
  visit.cookies = std::move(*cookies);
  if (visit.post) {
    if (auto fault = fault_of_post(site, request, visit)) return std::move(*fault);
  }
  return visit;
}

}  // namespace reeve
