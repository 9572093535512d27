// Why a consent ended without a grant, in one word for programs: AwaitConsent's and Outcome's
// `reason`, and the audit's. What is no word of ours here is the provider's own error code.
#pragma once

#include <string>
#include <string_view>

namespace reeve::consent_reason {

// declined
constexpr const char* user = "user";  // on our page
constexpr const char* user_at_provider = "user_at_provider";
constexpr const char* wrong_account = "wrong_account";  // says the user
// refused
constexpr const char* other_user = "other_user";  // opened the link, or pressed Continue
// expired
constexpr const char* timeout = "timeout";
// failed
constexpr const char* unreachable = "unreachable";  // the provider, just now
constexpr const char* not_configured = "not_configured";
constexpr const char* interrupted = "interrupted";  // by a restart, for too long
constexpr const char* malformed_answer = "malformed_answer";
constexpr const char* invalid_answer =
    "invalid_answer";               // an ID token or account that is not this flow's
constexpr const char* iss = "iss";  // the answer was another issuer's
constexpr const char* account_domain = "account_domain";
constexpr const char* step_up = "step_up";  // the user was not signed in there as the agent needs

// The provider's code; "provider_error" where it would pass for a word of ours.
std::string of_provider(std::string code);

}  // namespace reeve::consent_reason
