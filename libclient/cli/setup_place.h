// SetupPlace: where `reeve setup` writes: the system's configuration, or that of a user's own
// instance (--user).
//
// A secret of the system's daemon becomes a systemd credential: sealed to this machine (TPM or host
// key) where systemd-creds can, else a file of root's; a drop-in of reeved.service loads it. A
// user's own instance has it in a file that only that user may read, for a user's service manager
// loads no sealed ones before systemd 256.
#pragma once

#include <string>

#include "cli/options.h"

namespace reeve::cli {

class SetupPlace final {
 public:
  // Throws Failure where the caller may not write there.
  explicit SetupPlace(bool user);

  const std::string& directory() const { return directory_; }
  std::string main_file() const { return directory_ + "/reeve.toml"; }
  std::string drop_in(const std::string& name) const {
    return directory_ + "/conf.d/" + name + ".toml";
  }
  bool user() const { return user_; }
  // For `reeved --check` there.
  CheckOptions check_options() const;

  // Whether a secret of that name is kept there.
  bool has_secret(const std::string& name) const;
  struct Kept {
    std::string reference;  // as TOML: { credential = "name" }
    std::string where;      // for people
  };
  Kept keep_secret(const std::string& name, const std::string& secret) const;
  void drop_secret(const std::string& name) const;
  // Has reeved.service load a secret that is kept; false where it does so already.
  bool load_secret(const std::string& name) const;
  // The daemon takes what was written: a restart where it has new credentials, for its sockets stay
  // open meanwhile; else a reload. Says what it does.
  void apply(bool credentials_changed) const;

 private:
  Kept keep_file(const std::string& name, const std::string& secret) const;
  std::string sealed_file(const std::string& name) const;
  std::string plain_file(const std::string& name) const;
  static std::string unit_file(const std::string& name);

  bool user_;
  std::string directory_;
};

// The whole file at once, in place of what was there; with that mode whatever the umask.
void write_whole(const std::string& path, const std::string& text, unsigned mode);

}  // namespace reeve::cli
