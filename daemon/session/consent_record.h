// consent_record: a consent as the vault keeps it.
#pragma once

#include "session/consents.h"

namespace reeve {

Secret write_consent(const Consent& consent);
Result<Consent> read_consent(const Secret& plain);

}  // namespace reeve
