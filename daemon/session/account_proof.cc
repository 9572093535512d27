#include "session/account_proof.h"

#include <algorithm>

namespace reeve {
namespace {

bool contains(const std::vector<std::string>& list, const std::string& text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

bool has_acr(const Claims& claims, const std::vector<std::string>& acr_values) {
  return acr_values.empty() || contains(acr_values, claims.acr);
}

bool proves_account(const Server& server, const Consent& consent, const Claims* claims,
                    const Account& account, const Browser* browser) {
  const User& user = consent.user;
  switch (server.account_match) {
    case AccountMatch::ask: return false;
    case AccountMatch::subject:
      return claims != nullptr && claims->issuer == user.issuer && claims->sub == user.subject &&
             user.claim == "sub";
    case AccountMatch::claim: break;
  }
  if (browser == nullptr || !browser->user || !browser->user->is(user)) return false;
  const auto known = browser->claims.find(server.match_claim);
  return known != browser->claims.end() && !account.match.empty() && known->second == account.match;
}

std::string account_problem(const Server& server, const Consent& consent, const Claims* claims,
                            const Account& account) {
  if (!server.account_domains.empty() && !contains(server.account_domains, account.domain))
    return "account_domain";
  if (!consent.acr_values.empty() && (claims == nullptr || !has_acr(*claims, consent.acr_values)))
    return "acr";
  // How young it is, the ID token's verification has judged.
  if (consent.max_age && (claims == nullptr || !claims->auth_time)) return "auth_time";
  return "";
}

}  // namespace reeve
