// Certificate: what this program speaks TLS with where no proxy does it for it. Read once at start:
// a renewed one is taken by a restart, which loses nothing.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace reeve {

struct Certificate {
  std::string chain;  // PEM: the server's own, then those that signed it
  Secret key;         // PEM, not encrypted
};

// A name without a slash is a credential of the unit (LoadCredential=, systemd.exec(5)).
Result<Certificate> read_certificate(const std::string& chain, const std::string& key);

}  // namespace reeve
