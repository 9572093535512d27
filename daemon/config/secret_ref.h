// SecretRef: where a secret lies, never the secret itself; and the one place that fetches it.
//
// The configuration may be read by people who must not know the secrets, so it only points at them:
// {credential = "name"} is a systemd credential (LoadCredential=, the file NAME in
// $CREDENTIALS_DIRECTORY), {file = "/path"} a file that only we or root may read.
#pragma once

#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace reeve {

struct SecretRef {
  enum class Kind { credential, file };
  Kind kind = Kind::credential;
  std::string name;  // the credential's name, or the file's absolute path

  // "credential NAME" or "file PATH", for messages.
  std::string label() const;
  bool operator==(const SecretRef&) const = default;
};

// True for what may name a credential: a file name without '/', not "." or "..".
bool valid_credential_name(const std::string& name);

// The secret's bytes, read now, without one trailing newline; nothing is cached. Errors: not_found
// (also where there is no $CREDENTIALS_DIRECTORY), denied (a symlink, not a regular file, a file of
// another owner, or with rights for its group or others), limit (over 64 KiB), invalid (empty).
// A credential's owner and mode are systemd's business: an ACL shows as a right of the group.
Result<Secret> load_secret(const SecretRef& ref);
// The same, every byte of it: for keys that are bytes and may end in 0x0a.
Result<Secret> load_secret_bytes(const SecretRef& ref);

}  // namespace reeve
