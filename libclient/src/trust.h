// Is it the daemon that answers? (W8: a false daemon would collect user tokens.) The rule, with its
// two halves the place and the peer, is told in reeve.h; libclient/python/reeve/_trust.py is the
// same rule, and the tests of both have the same tables.
#pragma once

#include <sys/types.h>

#include <climits>
#include <optional>

#include "src/failure.h"

namespace reeve::client {

// A path that passed the first half, and what the second half needs to know of it.
struct Place {
  char path[PATH_MAX] = "";  // to connect to: no symlink is left in it
  uid_t owner = 0;           // of the directory that holds the socket
  std::optional<uid_t> keeper;
};

// The uid in $REEVE_DAEMON_UID, if set. REEVE_UNTRUSTED if it is no number.
reeve_error configured_uid(std::optional<uid_t>& uid);

// The first half: who can have put a socket here? REEVE_UNTRUSTED, REEVE_UNAVAILABLE where there is
// nothing, REEVE_PERMISSION where the caller may not look.
reeve_error check_place(const char* path, uid_t me, std::optional<uid_t> configured, Place& place);

// The second half: who listens? REEVE_UNTRUSTED if nobody who should.
reeve_error check_peer(uid_t peer, const Place& place, uid_t me, std::optional<uid_t> configured);

// The uid of whoever called listen() on the other end, by the kernel's word.
reeve_error peer_uid(int connected, uid_t& uid);

}  // namespace reeve::client
