// Url: an absolute http or https URL, read strictly (RFC 3986), for what an operator configures and
// what a metadata document names. Two programs must never read one text as two hosts, so everything
// odd is refused: userinfo, escapes or underscores in the host, numbers that are almost addresses,
// dot segments, backslashes, non-ASCII. reeve-fetch checks again, with the resolved address.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace reeve {

struct Url {
  std::string scheme;  // "https" or "http"
  std::string host;    // lower case; an IPv6 address in brackets
  int port = 0;        // the scheme's where the text has none
  std::string path;    // as written; empty or from '/'
  std::string query;   // without '?'
  bool has_query = false;
  bool has_fragment = false;

  // scheme://host, and the port where it is not the scheme's.
  std::string origin() const;
  // localhost, *.localhost, 127.0.0.0/8 or ::1. By the text: nothing is resolved.
  bool loopback() const;
};

Result<Url> parse_url(std::string_view text);

// An endpoint: https, or http to a loopback host where that is configured; no fragment (RFC 6749
// sections 3.1 and 3.2).
Result<Url> parse_endpoint(std::string_view text, bool loopback_http);
// An issuer identifier: an endpoint without query (RFC 8414 section 2).
Result<Url> parse_issuer(std::string_view text, bool loopback_http);

// Whether the host is among the allowed ones; "*.example.com" is every host below example.com.
// An empty list allows every host.
bool host_allowed(const Url& url, const std::vector<std::string>& hosts);
// Whether this may stand in such a list: a host in lower case, perhaps after "*.".
bool valid_host_pattern(std::string_view pattern);

}  // namespace reeve
