// How long a token lives, and when it is to be refreshed. Unix seconds throughout.
#pragma once

#include <cstdint>
#include <optional>

#include "base/json.h"
#include "oauth/preset.h"

namespace reeve {

// The most that is believed of an answer: ten years. Also keeps every sum within range.
constexpr int64_t kLongestLifetime = int64_t{3650} * 24 * 3600;
constexpr int64_t kClockSlack = 60;  // a clock set back by more makes a token live too long

// A number of seconds as servers write it: a number, a fraction (cut), or digits in a string.
// Longer than kLongestLifetime counts as that. nullopt: negative, or anything else.
std::optional<int64_t> read_seconds(const Json& value);

// When an access token dies that was issued then; nullopt: nobody knows, or never (the preset's
// expires_absent tells which).
std::optional<int64_t> expiry(int64_t issued_at, std::optional<int64_t> expires_in,
                              const Preset& preset);

// When to refresh: once less than five minutes or a fifth of its lifetime remain, whichever is
// less. Never before `now`; at once where the times make no sense (a clock that was set back).
int64_t refresh_time(int64_t issued_at, int64_t expires_at, int64_t now);

}  // namespace reeve
