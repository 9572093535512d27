// PlainUrl: the parts of an absolute http or https URL as it may stand in a configuration.
//
// Stricter than RFC 3986: lower-case scheme and host, no user name, no fragment, printable ASCII,
// and addresses in their one usual notation only (no 0x7f.1, no 127.1).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace reeve {

struct PlainUrl {
  bool https = false;
  std::string host;   // a name, a dotted address, or "[...]"
  uint16_t port = 0;  // 0 where none is written
  std::string path;   // "" or from the first '/'
  bool has_query = false;
  std::string query;  // without the '?'
};

std::optional<PlainUrl> parse_plain_url(std::string_view text);

// A host as in PlainUrl: a DNS name of lower-case labels, or an address.
bool is_plain_host(std::string_view host);
// Such a host, or "*.example.com" for every name below example.com.
bool is_host_pattern(std::string_view pattern);
bool host_matches(std::string_view pattern, std::string_view host);
// localhost, *.localhost, 127.0.0.0/8 and [::1]. By the text alone; nothing is looked up.
bool is_loopback_host(std::string_view host);

}  // namespace reeve
