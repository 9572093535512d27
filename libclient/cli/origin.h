// Origins of URLs, for adapters that must answer for no host but those that were named: scheme,
// host and port compared exactly, a path as a prefix at its slashes.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace reeve::cli {

struct Origin {
  std::string scheme;  // lower case
  std::string host;    // lower case, "[::1]" with its brackets
  std::string port;    // empty: the scheme's own
  std::string path;    // without slashes around it; empty: none
};

// Of "https://host[:port][/path]"; nullopt for anything else, a user name in it included.
std::optional<Origin> parse_origin(std::string_view url);
// From what tools say apart: "host[:port]".
std::optional<Origin> make_origin(std::string_view scheme, std::string_view host_and_port,
                                  std::string_view path);

// Does a rule cover what is asked for?
bool covers(const Origin& rule, const Origin& asked);

// A token goes over https, or over plain http to this machine alone.
bool fit_for_tokens(const Origin& origin);

}  // namespace reeve::cli
