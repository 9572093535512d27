// consent_receipt: what stands in the audit beside a new grant, so that years later one record says
// who asked, what the user was shown, who the user was and how that was proven, and what came of
// it (docs/audit.md). Pure; holds no secret.
#pragma once

#include <string>

#include "session/consent_desk.h"

namespace reeve {

struct ReceiptParts {
  const Consent& consent;  // with what it holds
  const ConsentPage& page;
  const Browser* browser = nullptr;  // in which the user is signed in
  bool matched = false;  // the account is proven to be the user's; else it was shown and confirmed
};

// A JSON object.
std::string consent_receipt(const ReceiptParts& parts);

}  // namespace reeve
