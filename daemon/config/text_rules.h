// What single texts in the configuration must look like, with the words for "expected ...".
#pragma once

#include <string>

#include "config/table_reader.h"

namespace reeve {

bool is_table_name(const std::string& text);
bool is_scope_token(const std::string& text);
bool is_json_pointer(const std::string& text);
// Not empty, at most 200 bytes, no control characters.
bool is_one_line(const std::string& text);
bool is_absolute_path(const std::string& text);
bool is_network(const std::string& text);

inline constexpr TextRule name_rule{is_table_name, "a name of letters, digits, '-' and '_'"};
inline constexpr TextRule line_rule{is_one_line, "a text of one line"};
inline constexpr TextRule path_rule{is_absolute_path, "an absolute path"};
// A domain in lower case, as it stands behind the @ of an address.
bool is_domain(const std::string& text);
// A claim that an issuer vouches for, and people cannot choose themselves.
bool is_vouched_claim(const std::string& text);
inline constexpr TextRule domain_rule{is_domain, "a domain in lower case, such as \"example.com\""};
inline constexpr TextRule claim_rule{
    is_vouched_claim, "a claim that the issuer vouches for (email), none that people choose"};
// RFC 6749 section 3.3: printable ASCII without blank, quote and backslash.
inline constexpr TextRule scope_rule{is_scope_token, "a scope (printable ASCII without blanks)"};
inline constexpr TextRule network_rule{
    is_network, "an address or a network, such as \"127.0.0.1\" or \"10.0.0.0/8\""};
inline constexpr TextRule pointer_rule{is_json_pointer, "a JSON pointer such as \"/data/id\""};

// An absolute URL as plain_url.h reads it.
struct UrlRule {
  bool loopback_http = false;  // http on a loopback host will do
  bool query = false;          // may have one
};
// What is wrong with the URL, as "expected ..."; "" if nothing is.
std::string url_fault(const std::string& text, const UrlRule& rule);

}  // namespace reeve
