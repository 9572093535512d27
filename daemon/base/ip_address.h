// IpAddress and IpNetwork: addresses of the Internet as values, read strictly. Pure.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace reeve {

struct IpAddress {
  bool v6 = false;
  std::array<uint8_t, 16> octets{};  // of IPv4 the first four
};

// The strict notations of inet_pton(3): four decimal numbers without leading zeros, or IPv6 without
// brackets and zone. nullopt: anything else.
std::optional<IpAddress> parse_ip(std::string_view text);
// nullopt: neither AF_INET nor AF_INET6, or too short.
std::optional<IpAddress> ip_of(const sockaddr* address, size_t size);
// Of ::ffff:a.b.c.d (RFC 4291), as a socket for both versions names an IPv4 peer, a.b.c.d.
IpAddress unmapped(const IpAddress& address);
// 127.0.0.0/8 and ::1.
bool is_loopback(const IpAddress& address);
// True if the first `bits` bits of the address are those of the prefix.
bool starts_with(const IpAddress& address, const std::array<uint8_t, 16>& prefix, int bits);

struct IpNetwork {
  IpAddress address;
  int bits = 0;
};

// "10.0.0.0/8", or an address alone. nullopt: anything else, bits of the host too.
std::optional<IpNetwork> parse_network(std::string_view text);
bool contains(const IpNetwork& network, const IpAddress& address);

}  // namespace reeve
