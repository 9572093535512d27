#include "bind/csrf.h"

#include "base/encoding.h"
#include "bind/cookies.h"
#include "crypto/hash.h"

namespace reeve {

std::string csrf_token(const Secret& browser, std::string_view path) {
  auto octets = base64url_decode(browser.reveal());
  if (!octets) return {};
  const auto key = Key::from_bytes(*octets);
  wipe(*octets);
  if (!key) return {};
  return base64url(keyed_hash(*key, length_prefixed({"reeve-bind/csrf/v1", path})));
}

bool csrf_holds(const Secret& browser, std::string_view path, std::string_view token) {
  if (!token_shaped(browser.reveal())) return false;
  return equal_constant_time(csrf_token(browser, path), token);
}

}  // namespace reeve
