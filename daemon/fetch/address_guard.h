// address_guard: which network addresses a request may be carried to. Pure.
//
// A URL's host is only a name; what is guarded is the address that libcurl is about to connect to
// (transfer.h). Forms of IPv6 that carry an IPv4 address are judged by what they carry, so that no
// notation of 10.0.0.1 is anything else than 10.0.0.1.
#pragma once

#include <string_view>

#include "base/ip_address.h"

namespace reeve {

// What an address is for (IANA's special-purpose registries, RFC 6890).
enum class AddressKind {
  global,
  loopback,
  private_use,  // RFC 1918, RFC 4193 (ULA), site-local, and the shared space of RFC 6598
  link_local,
  metadata,  // where clouds serve a machine's own credentials to whoever asks
  unusable,  // unspecified, multicast, broadcast, reserved, documentation, misused embeddings
};

AddressKind classify(const IpAddress& address);
std::string_view name_of(AddressKind kind);

// What one request may reach.
struct AddressRule {
  bool private_addresses = false;  // private, link-local and loopback besides global ones
  bool loopback = false;           // loopback besides global ones
  bool only_loopback = false;      // and nothing else: plain http
  bool literal = false;            // the URL's host is the address itself: no name led there
};

// A metadata address is allowed only where the operator wrote it out and private ones are allowed.
bool allowed(AddressKind kind, const AddressRule& rule);

}  // namespace reeve
