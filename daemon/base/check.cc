// Of control builds only.
#include "base/check.h"

#include <array>
#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "base/log.h"

namespace reeve {
namespace {

constexpr std::array<std::string_view, 30> kNames = {
    "account",       "address",     "browser",       "csp",        "digest",    "embedding",
    "escaping",      "flow_cookie", "form_token",    "framing",    "host",      "iss",
    "next",          "nonce",       "opener",        "origin",     "prefix",    "redirect_uri",
    "referrer",      "renewal",     "request_scope", "return_url", "same_site", "session",
    "session_scope", "sign_out",    "socket_owner",  "state",      "under_way", "user"};
static_assert(kNames[static_cast<size_t>(Check::user)] == "user");

const char* file_of_names() { return std::getenv("REEVE_CONTROL_OFF"); }

}  // namespace

bool check_on(Check check) {
  const char* const file = file_of_names();
  if (file == nullptr) return true;
  std::ifstream names(file);
  for (std::string name; names >> name;) {
    if (name == kNames[static_cast<size_t>(check)]) return false;
  }
  return true;
}

bool may_run() {
  if (file_of_names() != nullptr) {
    log(Level::warning, "THIS IS A CONTROL BUILD: its checks can be switched off; tests only");
    return true;
  }
  log(Level::error, "a control build runs in tests only, by REEVE_CONTROL_OFF");
  return false;
}

}  // namespace reeve
