#include "base/ip_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

namespace reeve {
namespace {

constexpr std::array<uint8_t, 16> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
constexpr std::array<uint8_t, 16> kLoopback6{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

std::optional<int> parse_bits(std::string_view text, int most) {
  int bits = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), bits);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (!whole || bits < 0 || bits > most || (text.size() > 1 && text.front() == '0')) {
    return std::nullopt;
  }
  return bits;
}

// What of the address lies behind its first bits, and is to be nothing.
bool has_host(const IpNetwork& network) {
  IpAddress host = network.address;
  const auto whole = static_cast<size_t>(network.bits / 8);
  std::fill_n(host.octets.begin(), whole, uint8_t{0});
  if (network.bits % 8 != 0) host.octets[whole] &= static_cast<uint8_t>(0xff >> network.bits % 8);
  return host.octets != std::array<uint8_t, 16>{};
}

}  // namespace

std::optional<IpAddress> parse_ip(std::string_view text) {
  const std::string name(text);
  if (name.find('\0') != std::string::npos) return std::nullopt;
  IpAddress address;
  if (::inet_pton(AF_INET, name.c_str(), address.octets.data()) == 1) return address;
  address.v6 = true;
  if (::inet_pton(AF_INET6, name.c_str(), address.octets.data()) == 1) return address;
  return std::nullopt;
}

std::optional<IpAddress> ip_of(const sockaddr* address, size_t size) {
  IpAddress ip;
  if (size >= sizeof(sockaddr_in) && address->sa_family == AF_INET) {
    sockaddr_in in{};
    std::memcpy(&in, address, sizeof in);
    std::memcpy(ip.octets.data(), &in.sin_addr, sizeof in.sin_addr);
    return ip;
  }
  if (size >= sizeof(sockaddr_in6) && address->sa_family == AF_INET6) {
    sockaddr_in6 in{};
    std::memcpy(&in, address, sizeof in);
    std::memcpy(ip.octets.data(), &in.sin6_addr, sizeof in.sin6_addr);
    ip.v6 = true;
    return ip;
  }
  return std::nullopt;
}

IpAddress unmapped(const IpAddress& address) {
  if (!address.v6 || !starts_with(address, kMapped, 96)) return address;
  IpAddress v4;
  std::copy_n(address.octets.begin() + 12, 4, v4.octets.begin());
  return v4;
}

bool is_loopback(const IpAddress& address) {
  return address.v6 ? address.octets == kLoopback6 : address.octets[0] == 127;
}

bool starts_with(const IpAddress& address, const std::array<uint8_t, 16>& prefix, int bits) {
  const auto whole = static_cast<size_t>(bits / 8);
  if (std::memcmp(address.octets.data(), prefix.data(), whole) != 0) return false;
  if (bits % 8 == 0) return true;
  const int mask = 0xff << (8 - bits % 8);
  return ((address.octets[whole] ^ prefix[whole]) & mask) == 0;
}

std::optional<IpNetwork> parse_network(std::string_view text) {
  const size_t slash = text.find('/');
  const auto address = parse_ip(text.substr(0, slash));
  if (!address) return std::nullopt;
  const int most = address->v6 ? 128 : 32;
  if (slash == text.npos) return IpNetwork{*address, most};
  const auto bits = parse_bits(text.substr(slash + 1), most);
  if (!bits) return std::nullopt;
  const IpNetwork network{*address, *bits};
  if (has_host(network)) return std::nullopt;
  return network;
}

bool contains(const IpNetwork& network, const IpAddress& address) {
  return network.address.v6 == address.v6 &&
         starts_with(address, network.address.octets, network.bits);
}

}  // namespace reeve
