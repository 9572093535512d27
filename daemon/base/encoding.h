// Text encodings: base64 (RFC 4648), hexadecimal, percent-encoding (RFC 3986) and forms (RFC 6749
// App. B).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace reeve {

// base64url without padding (RFC 4648 section 5). Decoding refuses padding, other characters and
// non-zero trailing bits, so that each byte string has one text only.
std::string base64url(std::string_view bytes);
std::optional<std::string> base64url_decode(std::string_view text);
// base64 with padding (RFC 4648 section 4), for HTTP Basic.
std::string base64(std::string_view bytes);

std::string hex(std::string_view bytes);  // lower case
std::optional<std::string> hex_decode(std::string_view text);

// Everything but RFC 3986's unreserved characters becomes %XX: for query values and path segments.
std::string percent_encode(std::string_view text);
// application/x-www-form-urlencoded of one value: like the above, but a blank becomes '+'.
std::string form_encode(std::string_view text);
// One value back, '+' as blank. nullopt: broken escape.
std::optional<std::string> form_decode(std::string_view text);

using Parameters = std::vector<std::pair<std::string, std::string>>;
// "a=1&b=2" from pairs, each form-encoded.
std::string form(const Parameters& parameters);
// The pairs of such a text, in order, duplicates kept (the caller judges them); an empty pair is
// skipped. nullopt: broken escape, or more than `limit` pairs.
std::optional<Parameters> parse_form(std::string_view text, size_t limit = 64);

// True if the text is valid UTF-8 (no surrogates, no overlong forms).
bool valid_utf8(std::string_view text);
// For showing foreign text to people: control characters and broken UTF-8 become U+FFFD, cut at
// `limit` bytes.
std::string printable(std::string_view text, size_t limit = 200);

}  // namespace reeve
