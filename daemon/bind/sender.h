// sender: to which address a request is counted. Pure.
//
// It is the address that the connection comes from, unless the operator has said that a proxy
// stands there. Then it is the last in X-Forwarded-For that is no proxy too: each proxy adds, at
// the end, whom it was asked by, so what a client wrote there itself stands before that and is
// never reached. Nothing else that a proxy says of a request is believed: its Host must be ours as
// it is, and the scheme is the binding URL's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"

namespace reeve {

// `forwarded`: the values of X-Forwarded-For in their order. Of an IPv6 address the /64, which is
// what one customer has. Empty for loopback: whoever is there may be everybody (a proxy that nobody
// told of), and is not counted.
std::string sender_of(const IpAddress& peer, const std::vector<std::string_view>& forwarded,
                      const std::vector<IpNetwork>& proxies);

}  // namespace reeve
