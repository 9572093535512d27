#include "src/trust.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>

namespace reeve::client {
namespace {

constexpr uid_t kRoot = 0;

reeve_error unreachable(const char* path, int error) {
  const reeve_error code = error == EACCES || error == EPERM ? REEVE_PERMISSION : REEVE_UNAVAILABLE;
  return fail(code, "%s: %s", path, std::strerror(error));
}

reeve_error look_at(const char* name, struct stat& seen) {
  if (::lstat(name, &seen) != 0) return unreachable(name, errno);
  if (!S_ISDIR(seen.st_mode)) return fail(REEVE_UNTRUSTED, "%s is no directory", name);
  return REEVE_OK;
}

// Walks "/", "/run", "/run/reeve", ... and keeps what it learned in the place.
class Way final {
 public:
  Way(Place& place, uid_t me, std::optional<uid_t> configured)
      : place_(place), me_(me), configured_(configured) {}

  reeve_error step(const char* name, bool last) {
    struct stat seen = {};
    if (const reeve_error error = look_at(name, seen)) return error;
    place_.owner = seen.st_uid;
    if (!known(place_.owner)) {
      if (configured_ || place_.keeper || !may_hand_over_) {
        return fail(REEVE_UNTRUSTED,
                    "%s belongs to uid %u, who could put a false daemon there: use a directory of "
                    "root's, or set REEVE_DAEMON_UID to the daemon's uid",
                    name, place_.owner);
      }
      place_.keeper = place_.owner;
    }
    const bool shared = (seen.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    const bool sticky = (seen.st_mode & S_ISVTX) != 0;
    if (shared && !(sticky && !last && place_.owner != place_.keeper)) {
      return fail(REEVE_UNTRUSTED,
                  "%s is writable by others, who could put a false daemon there: chmod go-w it",
                  name);
    }
    may_hand_over_ = !shared;
    return REEVE_OK;
  }

 private:
  bool known(uid_t owner) const {
    return owner == kRoot || owner == me_ || owner == configured_ || owner == place_.keeper;
  }

  Place& place_;
  uid_t me_;
  std::optional<uid_t> configured_;
  bool may_hand_over_ = false;  // only a directory we have seen may
};

}  // namespace

reeve_error configured_uid(std::optional<uid_t>& uid) {
  const char* value = ::secure_getenv("REEVE_DAEMON_UID");
  if (value == nullptr || *value == '\0') return REEVE_OK;
  const char* end = value + std::strlen(value);
  uid_t read = 0;
  const auto [stopped, wrong] = std::from_chars(value, end, read);
  if (wrong != std::errc() || stopped != end) {
    return fail(REEVE_UNTRUSTED, "REEVE_DAEMON_UID is not a number: set it to the daemon's uid");
  }
  uid = read;
  return REEVE_OK;
}

reeve_error check_place(const char* path, uid_t me, std::optional<uid_t> configured, Place& place) {
  if (::realpath(path, place.path) == nullptr) return unreachable(path, errno);
  Way way(place, me, configured);
  const char* const last = std::strrchr(place.path, '/');
  if (const reeve_error error = way.step("/", last == place.path)) return error;
  for (char* end = std::strchr(place.path + 1, '/'); end != nullptr; end = std::strchr(end, '/')) {
    *end = '\0';
    const reeve_error error = way.step(place.path, end == last);
    *end++ = '/';
    if (error) return error;
  }
  return REEVE_OK;
}

reeve_error check_peer(uid_t peer, const Place& place, uid_t me, std::optional<uid_t> configured) {
  if (peer == kRoot || peer == configured) return REEVE_OK;
  if (configured) {
    return fail(REEVE_UNTRUSTED,
                "uid %u listens on %s, not uid %u: check REEVE_DAEMON_UID and who runs the daemon",
                peer, place.path, *configured);
  }
  const bool trusted =
      peer == me || peer == place.keeper || (place.owner == kRoot && !place.keeper);
  if (trusted) return REEVE_OK;
  return fail(REEVE_UNTRUSTED,
              "uid %u listens on %s: if this is the daemon's account, set REEVE_DAEMON_UID to it",
              peer, place.path);
}

reeve_error peer_uid(int connected, uid_t& uid) {
  struct ucred peer = {};
  socklen_t size = sizeof(peer);
  if (::getsockopt(connected, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    return fail(REEVE_UNTRUSTED, "the kernel does not say who listens");
  }
  uid = peer.uid;
  return REEVE_OK;
}

}  // namespace reeve::client
