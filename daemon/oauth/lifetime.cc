#include "oauth/lifetime.h"

#include <algorithm>

namespace reeve {
namespace {

constexpr int64_t kMargin = 300;

std::optional<int64_t> read_digits(const std::string& text) {
  if (text.empty() || text.size() > 20) return std::nullopt;
  int64_t number = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    number = std::min(number * 10 + (c - '0'), kLongestLifetime);
  }
  return number;
}

}  // namespace

std::optional<int64_t> read_seconds(const Json& value) {
  if (value.string() != nullptr) return read_digits(*value.string());
  const auto number = value.real();
  if (!number || !(*number >= 0)) return std::nullopt;
  return static_cast<int64_t>(std::min(*number, static_cast<double>(kLongestLifetime)));
}

std::optional<int64_t> expiry(int64_t issued_at, std::optional<int64_t> expires_in,
                              const Preset& preset) {
  if (!expires_in && preset.expires_absent == ExpiresAbsent::assume) {
    expires_in = preset.assume_seconds;
  }
  if (!expires_in) return std::nullopt;
  return issued_at + std::clamp<int64_t>(*expires_in, 0, kLongestLifetime);
}

int64_t refresh_time(int64_t issued_at, int64_t expires_at, int64_t now) {
  if (expires_at <= issued_at || now < issued_at - kClockSlack) return now;
  const int64_t margin = std::min(kMargin, (expires_at - issued_at) / 5);
  return std::max(now, expires_at - margin);
}

}  // namespace reeve
