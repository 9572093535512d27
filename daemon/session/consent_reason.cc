#include "session/consent_reason.h"

#include <algorithm>
#include <iterator>

namespace reeve::consent_reason {

std::string of_provider(std::string code) {
  constexpr std::string_view ours[] = {
      user,        user_at_provider, wrong_account, other_user,       timeout,
      unreachable, not_configured,   interrupted,   malformed_answer, invalid_answer,
      iss,         account_domain,   step_up};
  const bool taken = std::find(std::begin(ours), std::end(ours), code) != std::end(ours);
  return taken ? "provider_error" : code;
}

}  // namespace reeve::consent_reason
