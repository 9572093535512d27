// Site: where browsers reach this binder: the binding URL, taken apart once; and what stands
// between.
//
// Everything that is compared with it (Host, Origin, the redirect URI) is compared byte by byte, so
// it is kept as browsers write it: lower case, no default port, no slash at the end.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "base/result.h"
#include "bind/brand.h"

namespace reeve {

struct Site {
  std::string origin;     // "https://agents.example.com"; an Origin header, the front of each URL
  std::string authority;  // "agents.example.com" or "127.0.0.1:8420"; the Host header
  bool https = true;
  Brand brand;                     // not of the URL: whose it is
  std::vector<IpNetwork> proxies;  // that are believed when they say who asks: see sender.h

  // Browsers come over loopback and by themselves: users of this host may sign in.
  bool local() const;
};

// An https URL, or http where its host is a loopback name or address, without user, path, query or
// fragment (one slash at the end is forgiven).
Result<Site> parse_site(std::string_view url);

// True of localhost, *.localhost, 127.0.0.0/8 and [::1], with or without a port.
bool loopback_authority(std::string_view authority);

}  // namespace reeve
