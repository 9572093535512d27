#include "src/trust.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <cerrno>
#include <charconv>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "src/failure.h"

namespace reeve::client {
namespace {

constexpr uid_t kRoot = 0;

Failure untrusted(std::string why) { return {REEVE_UNTRUSTED, std::move(why)}; }

Failure unreachable(const std::string& path, int error) {
  const reeve_error code = error == EACCES || error == EPERM ? REEVE_PERMISSION : REEVE_UNAVAILABLE;
  return {code, path + ": " + std::strerror(error)};
}

std::string resolve(const std::string& path) {
  const std::unique_ptr<char, void (*)(void*)> resolved(::realpath(path.c_str(), nullptr),
                                                        &std::free);
  if (resolved == nullptr && errno == ENOMEM) throw Failure{REEVE_NO_MEMORY, ""};
  if (resolved == nullptr) throw unreachable(path, errno);
  return resolved.get();
}

// "/", "/run", "/run/reeve", ... for a resolved path, without its last part.
std::vector<std::string> directories(const std::string& path) {
  std::vector<std::string> found = {"/"};
  for (size_t end = path.find('/', 1); end != std::string::npos; end = path.find('/', end + 1)) {
    found.push_back(path.substr(0, end));
  }
  return found;
}

struct stat look_at(const std::string& name) {
  struct stat seen = {};
  if (::lstat(name.c_str(), &seen) != 0) throw unreachable(name, errno);
  if (!S_ISDIR(seen.st_mode)) throw untrusted(name + " is no directory");
  return seen;
}

}  // namespace

std::optional<uid_t> configured_uid() {
  const char* value = ::secure_getenv("REEVE_DAEMON_UID");
  if (value == nullptr || *value == '\0') return std::nullopt;
  const char* end = value + std::strlen(value);
  uid_t uid = 0;
  const auto [stopped, wrong] = std::from_chars(value, end, uid);
  if (wrong != std::errc() || stopped != end) {
    throw untrusted("REEVE_DAEMON_UID is not a number: set it to the daemon's uid");
  }
  return uid;
}

Place check_place(const std::string& path, uid_t me, std::optional<uid_t> configured) {
  Place place{resolve(path), kRoot, std::nullopt};
  const std::vector<std::string> ways = directories(place.path);
  bool may_hand_over = false;  // only a directory we have seen may
  for (const std::string& name : ways) {
    const struct stat seen = look_at(name);
    place.owner = seen.st_uid;
    const bool trusted = place.owner == kRoot || place.owner == me || place.owner == configured;
    if (!trusted && place.owner != place.keeper) {
      if (configured || place.keeper || !may_hand_over) {
        throw untrusted(name + " belongs to uid " + std::to_string(place.owner) +
                        ", who could put a false daemon there: use a directory of root's, or set "
                        "REEVE_DAEMON_UID to the daemon's uid");
      }
      place.keeper = place.owner;
    }
    const bool shared = (seen.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    const bool sticky = (seen.st_mode & S_ISVTX) != 0;
    if (shared && !(sticky && name != ways.back() && place.owner != place.keeper)) {
      throw untrusted(name +
                      " is writable by others, who could put a false daemon there: "
                      "chmod go-w it");
    }
    may_hand_over = !shared;
  }
  return place;
}

void check_peer(uid_t peer, const Place& place, uid_t me, std::optional<uid_t> configured) {
  if (peer == kRoot || peer == configured) return;
  const std::string who = "uid " + std::to_string(peer) + " listens on " + place.path;
  if (configured) {
    throw untrusted(who + ", not uid " + std::to_string(*configured) +
                    ": check REEVE_DAEMON_UID and who runs the daemon");
  }
  if (peer == me || peer == place.keeper || (place.owner == kRoot && !place.keeper)) return;
  throw untrusted(who + ": if this is the daemon's account, set REEVE_DAEMON_UID to it");
}

uid_t peer_uid(int connected) {
  struct ucred peer = {};
  socklen_t size = sizeof(peer);
  if (::getsockopt(connected, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) {
    throw untrusted("the kernel does not say who listens");
  }
  return peer.uid;
}

}  // namespace reeve::client
