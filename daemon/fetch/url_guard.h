// url_guard: which URL a request may go to, read strictly. Pure.
//
// The text is not repaired: what two readers could understand differently is refused. So what
// libcurl is given is what was judged. The host's addresses are address_guard's.
//
//   https://HOST[:PORT][/PATH][?QUERY]
//   http://...  only where asked for, and only to 127.0.0.0/8, [::1], localhost and *.localhost
//
// HOST is a DNS name of letters, digits and hyphens, an IPv4 address in its one usual notation, or
// an IPv6 address in brackets. No userinfo, fragment, trailing dot, zone, escapes or empty port.
// PATH and QUERY hold RFC 3986's characters only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "fetch/address_guard.h"

namespace reeve {

struct Url {
  bool tls = true;
  std::string host;                  // lower case; an IPv6 address without its brackets
  std::optional<IpAddress> literal;  // the host, where it is an address
  uint16_t port = 443;
  std::string text;  // the whole, with the host in lower case and a path
};

constexpr size_t kUrlBytes = size_t{16} * 1024;

// The error says what is wrong and does not quote the URL, which may carry a token.
Result<Url> guard_url(std::string_view text, bool loopback_http);

}  // namespace reeve
