// The character sets of OAuth's parameters (RFC 6749 appendix A), and what of a provider's own
// words may be passed on.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace reeve {

// 1*VSCHAR of at most `limit` bytes: blank to '~'. Tokens, codes, state.
bool visible_text(std::string_view text, size_t limit);
// A scope-token (RFC 6749 section 3.3) of at most 512 bytes.
bool scope_token(std::string_view text);
// The tokens of a scope value, in order, each once. They are split at blanks (which no token can
// hold) and at the separator. nullopt: one is no scope-token, or there are more than 256.
std::optional<std::vector<std::string>> split_scopes(std::string_view text, char separator);
// An absolute URI without fragment (RFC 8707 section 2).
bool resource_indicator(std::string_view text);

// A foreign sentence for people and logs: printable, at most 200 bytes, and every long word that
// may be a token or a code masked, since servers do quote them ("Invalid refresh token: 8xLO...").
std::string summary(std::string_view text);
// A foreign error code if it looks like one, else "unrecognised".
std::string error_word(std::string_view text);

}  // namespace reeve
