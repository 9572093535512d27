// Routes: which paths there are, and what may be done with each.
//
// Paths are matched as sent; none of ours holds an escape, so a path with one is no path of ours.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reeve {

struct Route {
  enum class Kind {
    home,          // /
    style,         // /style.css
    logo,          // /logo
    health,        // /healthz
    connect,       // /connect/TICKET
    sign_in,       // /signin
    sign_in_unix,  // /signin/unix
    sign_out,      // /signout
    callback,      // /callback/CONTEXT, /signin/callback/ISSUER
    done,          // /done/HANDLE
    connections,   // /connections
    logout,        // /backchannel-logout
    refused,       // /refused, /failed: where a callback ends that leads to no outcome, so that
    failed,        // neither code nor state stays in the address
  };
  Kind kind = Kind::home;
  std::string argument;  // the ticket or the handle
  bool get = true;       // HEAD goes with GET
  bool post = false;

  // A POST comes from another origin or from no browser, and does nothing by itself: no cookie is
  // read, and no form token asked for.
  bool from_elsewhere() const { return kind == Kind::callback || kind == Kind::logout; }
  // The value of Allow.
  std::string_view allow() const;
  // Answered without asking reeved.
  bool fixed() const;
};

std::optional<Route> find_route(std::string_view path);

// True if a sign-in may end at this path: a page of ours that may be opened by GET, and nothing
// that a browser would read as another host.
bool returnable(std::string_view path);

}  // namespace reeve
