#include "crypto/memory_seal.h"

#include <sodium.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace reeve {
namespace {

using Nonce = std::array<unsigned char, crypto_aead_chacha20poly1305_IETF_NPUBBYTES>;

Nonce nonce_of(uint64_t number) {
  Nonce nonce{};
  std::memcpy(nonce.data(), &number, sizeof number);
  return nonce;
}

}  // namespace

Sealed MemorySeal::seal(std::string_view plain) {
  Sealed sealed;
  sealed.nonce_ = next_nonce_++;
  sealed.text_.resize(plain.size() + crypto_aead_chacha20poly1305_IETF_ABYTES);
  const Nonce nonce = nonce_of(sealed.nonce_);
  crypto_aead_chacha20poly1305_ietf_encrypt(
      reinterpret_cast<unsigned char*>(sealed.text_.data()), nullptr,
      reinterpret_cast<const unsigned char*>(plain.data()), plain.size(), nullptr, 0, nullptr,
      nonce.data(), key_.data());
  return sealed;
}

void MemorySeal::unseal_into(const Sealed& sealed, std::string& scratch) const {
  // A shorter or other text than seal() made is a bug, or broken memory: not to be served from.
  if (sealed.text_.size() < crypto_aead_chacha20poly1305_IETF_ABYTES) std::abort();
  // Before it grows: the old buffer goes back to the heap.
  wipe(scratch);
  scratch.resize(sealed.text_.size() - crypto_aead_chacha20poly1305_IETF_ABYTES);
  const Nonce nonce = nonce_of(sealed.nonce_);
  if (crypto_aead_chacha20poly1305_ietf_decrypt(
          reinterpret_cast<unsigned char*>(scratch.data()), nullptr, nullptr,
          reinterpret_cast<const unsigned char*>(sealed.text_.data()), sealed.text_.size(), nullptr,
          0, nonce.data(), key_.data()) != 0) {
    std::abort();
  }
}

Secret MemorySeal::unseal(const Sealed& sealed) const {
  std::string plain;
  unseal_into(sealed, plain);
  return Secret(std::move(plain));
}

}  // namespace reeve
