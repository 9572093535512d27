#include "bind/routes.h"

#include <array>

#include "base/check.h"
#include "bind/fields.h"

namespace reeve {
namespace {

using Kind = Route::Kind;

struct Exact {
  std::string_view path;
  Kind kind;
  bool get, post;
};
constexpr std::array<Exact, 11> kExact{{
    {"/", Kind::home, true, false},
    {"/style.css", Kind::style, true, false},
    {"/logo", Kind::logo, true, false},
    {"/healthz", Kind::health, true, false},
    {"/signin", Kind::sign_in, false, true},
    {"/signin/unix", Kind::sign_in_unix, true, true},
    {"/signout", Kind::sign_out, false, true},
    {"/connections", Kind::connections, true, true},
    {"/backchannel-logout", Kind::logout, false, true},
    {"/refused", Kind::refused, true, false},
    {"/failed", Kind::failed, true, false},
}};

struct Prefix {
  std::string_view path;
  Kind kind;
  bool post;
};
constexpr std::array<Prefix, 4> kPrefixes{{
    {"/connect/", Kind::connect, true},
    {"/done/", Kind::done, true},
    {"/callback/", Kind::callback, true},
    {"/signin/callback/", Kind::callback, true},
}};

}  // namespace

std::string_view Route::allow() const {
  if (get) return post ? "GET, HEAD, POST" : "GET, HEAD";
  return "POST";
}

bool Route::fixed() const {
  switch (kind) {
    case Kind::home:
    case Kind::style:
    case Kind::logo:
    case Kind::health:
    case Kind::refused:
    case Kind::failed: return true;
    default: return false;
  }
}

std::optional<Route> find_route(std::string_view path) {
  for (const Exact& exact : kExact) {
    if (path == exact.path) return Route{exact.kind, {}, exact.get, exact.post};
  }
  for (const Prefix& prefix : kPrefixes) {
    if (!path.starts_with(prefix.path)) continue;
    const std::string_view rest = path.substr(prefix.path.size());
    if (!opaque(rest) || rest == "." || rest == "..") return std::nullopt;
    return Route{prefix.kind, std::string(rest), true, prefix.post};
  }
  return std::nullopt;
}

bool returnable(std::string_view path) {
  if (!check_on(Check::next)) return true;
  const auto route = find_route(path);
  if (!route) return false;
  return route->kind == Kind::connect || route->kind == Kind::done ||
         route->kind == Kind::connections || route->kind == Kind::home;
}

}  // namespace reeve
