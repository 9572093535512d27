// MemorySeal: keeps short secrets that lie in memory for long (access tokens) sealed under a key of
// this process alone, so that a stray read, a core or a swapped page shows nothing.
//
// The key dies with the process; nothing sealed here may be stored. Nonces are counted, not drawn:
// sealing and unsealing a token cost a microsecond or two and no system call. One thread at a time.
#pragma once

#include <cstdint>
#include <string>

#include "base/secret.h"
#include "crypto/key.h"

namespace reeve {

// A sealed secret. Worthless without the MemorySeal that made it; may be copied.
class Sealed {
 public:
  Sealed() = default;
  bool empty() const { return text_.empty(); }  // never sealed; an empty secret seals to something

 private:
  friend class MemorySeal;
  uint64_t nonce_ = 0;
  std::string text_;  // ciphertext, tag
};

class MemorySeal final {
 public:
  MemorySeal() = default;
  MemorySeal(const MemorySeal&) = delete;
  MemorySeal& operator=(const MemorySeal&) = delete;

  Sealed seal(std::string_view plain);
  Secret unseal(const Sealed& sealed) const;
  // The same into a buffer the caller keeps and wipes; what was in it is gone.
  void unseal_into(const Sealed& sealed, std::string& scratch) const;

 private:
  Key key_ = Key::random();
  uint64_t next_nonce_ = 0;
};

}  // namespace reeve
