// AccountProof: what the provider's answer proves of the account and of how its user signed in
// there, and what of that is demanded. Pure.
#pragma once

#include <string>

#include "crypto/jwt.h"
#include "oauth/account.h"
#include "oauth/server.h"
#include "session/consents.h"

namespace reeve {

// The account is the user's own, so that nobody need be asked: by the same issuer and subject, or
// by a claim of the sign-in in that browser (null: gone meanwhile) that equals one of the
// account's.
bool proves_account(const Server& server, const Consent& consent, const Claims* claims,
                    const Account& account, const Browser* browser);

// Why the answer must not become a grant: the account is of another domain than those that may be
// connected ("account_domain"), or the user did not sign in there as was asked ("acr",
// "auth_time"). Empty: nothing is wrong.
std::string account_problem(const Server& server, const Consent& consent, const Claims* claims,
                            const Account& account);

// True where nothing is demanded, too.
bool has_acr(const Claims& claims, const std::vector<std::string>& acr_values);

}  // namespace reeve
