// KeptSecret: a secret that lies in memory as long as the process (a client secret): sealed there,
// under a key of its own in locked memory; in clear only for the use.
//
// Against a stray read of memory, not against who can read all of it: the key lies there too.
#pragma once

#include <optional>
#include <string>

#include "base/secret.h"
#include "crypto/key.h"

namespace reeve {

class KeptSecret final {
 public:
  KeptSecret() = default;
  explicit KeptSecret(const Secret& secret);

  bool empty() const { return !key_; }
  Secret reveal() const;  // empty where nothing is kept

 private:
  std::optional<Key> key_;
  std::string sealed_;
};

}  // namespace reeve
