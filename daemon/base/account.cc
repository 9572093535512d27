#include "base/account.h"

#include <pwd.h>

#include <algorithm>
#include <cstdlib>
#include <limits>

#include "base/encoding.h"

namespace reeve {

std::optional<uid_t> user_id(const std::string& text) {
  const bool digits =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits) {
    const passwd* const found = ::getpwnam(text.c_str());
    return found == nullptr ? std::nullopt : std::optional(found->pw_uid);
  }
  if (text.empty() || text.size() > 10) return std::nullopt;
  const unsigned long long number = std::strtoull(text.c_str(), nullptr, 10);
  // The highest one means "no user" to the kernel.
  if (number >= std::numeric_limits<uid_t>::max()) return std::nullopt;
  return static_cast<uid_t>(number);
}

std::string no_user(const std::string& text) {
  return "this host has no user \"" + printable(text) +
         "\"; those of the package are made by: systemd-sysusers reeve.conf";
}

}  // namespace reeve
