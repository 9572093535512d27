#include "crypto/kept_secret.h"

#include <cstdlib>
#include <utility>

#include "crypto/aead.h"

namespace reeve {

KeptSecret::KeptSecret(const Secret& secret) {
  if (secret.empty()) return;
  key_ = Key::random();
  sealed_ = seal(*key_, secret.reveal(), "");
}

Secret KeptSecret::reveal() const {
  if (!key_) return {};
  auto plain = unseal(*key_, sealed_, "");
  if (!plain) std::abort();  // broken memory is not to be served from
  return std::move(*plain);
}

}  // namespace reeve
