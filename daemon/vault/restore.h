// restore: a vault made of a backup: what was kept then, less what was taken back since.
//
// It is a new incarnation: sessions, browsers, consents and intents of the backup's day are gone,
// and no commit's number of the old vault is used again. Where the old vault can still be opened,
// grants that are not in it any more were revoked since and stay away, and of grants that are in
// both the newer record counts: a provider may know no other refresh token any more.
#pragma once

#include <functional>

#include "vault/contents.h"

namespace reeve {

struct RestoreParts {
  Contents backup;
  const Contents* old = nullptr;  // the vault it takes the place of; null: there is none to read
  // Grants and access tokens that were taken back all the same, by their plain text.
  std::function<bool(Kind, const Secret& plain)> revoked;
  // The service's key from now on; added where the backup does not open with it.
  const Key* master = nullptr;
  // A record to be put in: what reeved is to know of it at its next start.
  std::optional<Change> note;
};

struct Restored {
  size_t grants = 0;      // that are there now
  size_t taken_back = 0;  // grants of the backup that are not
  size_t newer = 0;       // records taken from the old vault
  size_t ended = 0;       // sessions and what belongs to them
};

// Into an empty store, which must not be used where this fails. Code::invalid: the old vault is
// another one, not an older or newer state of the backup.
Result<Restored> restore(RestoreParts parts, Store& target);

}  // namespace reeve
