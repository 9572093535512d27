#include "fetch/address_guard.h"

#include <array>
#include <optional>

namespace reeve {
namespace {

struct Range {
  std::array<uint8_t, 16> prefix;
  int bits;
  AddressKind kind;
};

using Kind = AddressKind;

// The first that matches counts; what matches none is global.
constexpr Range kIpv4[] = {
    {{169, 254, 169, 254}, 32, Kind::metadata},  // AWS, GCP, Azure, OpenStack and others
    {{169, 254, 170, 2}, 32, Kind::metadata},    // AWS ECS task credentials
    {{169, 254, 170, 23}, 32, Kind::metadata},   // AWS EKS pod credentials
    {{100, 100, 100, 200}, 32, Kind::metadata},  // Alibaba Cloud
    {{0}, 8, Kind::unusable},
    {{10}, 8, Kind::private_use},
    {{100, 64}, 10, Kind::private_use},
    {{127}, 8, Kind::loopback},
    {{169, 254}, 16, Kind::link_local},
    {{172, 16}, 12, Kind::private_use},
    {{192, 0, 0}, 24, Kind::unusable},
    {{192, 0, 2}, 24, Kind::unusable},
    {{192, 88, 99}, 24, Kind::unusable},
    {{192, 168}, 16, Kind::private_use},
    {{198, 18}, 15, Kind::unusable},
    {{198, 51, 100}, 24, Kind::unusable},
    {{203, 0, 113}, 24, Kind::unusable},
    {{224}, 4, Kind::unusable},
    {{240}, 4, Kind::unusable},
};

// The first that matches counts; what matches none is unusable: only 2000::/3 is handed out.
constexpr Range kIpv6[] = {
    {{0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54}, 128, Kind::metadata},  // AWS
    {{0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x00, 0x23}, 128, Kind::metadata},  // EKS
    {{0xfd, 0x20, 0, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x54}, 128, Kind::metadata},  // GCP
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128, Kind::loopback},
    {{0xfc}, 7, Kind::private_use},
    {{0xfe, 0x80}, 10, Kind::link_local},
    {{0xfe, 0xc0}, 10, Kind::private_use},
    {{0x20, 0x01, 0x0d, 0xb8}, 32, Kind::unusable},
    {{0x20, 0x01}, 23, Kind::unusable},
    {{0x3f, 0xff}, 20, Kind::unusable},
    {{0x20}, 3, Kind::global},
};

Kind classify_v4(const IpAddress& address) {
  for (const Range& range : kIpv4) {
    if (starts_with(address, range.prefix, range.bits)) return range.kind;
  }
  return Kind::global;
}

IpAddress ipv4_at(const IpAddress& address, size_t offset, uint8_t flip = 0) {
  IpAddress inner;
  for (size_t i = 0; i < 4; ++i) {
    inner.octets[i] = static_cast<uint8_t>(address.octets[offset + i] ^ flip);
  }
  return inner;
}

// A form that a translator or a tunnel unpacks: fine if it carries a global address. No honest name
// carries another one in it.
Kind carried(Kind inner) { return inner == Kind::global ? Kind::global : Kind::unusable; }

std::optional<Kind> classify_embedded(const IpAddress& address) {
  const auto under = [&](std::array<uint8_t, 16> prefix, int bits) {
    return starts_with(address, prefix, bits);
  };
  // ::ffff:a.b.c.d (RFC 4291): the kernel connects to a.b.c.d itself.
  if (under({0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96)) {
    return classify_v4(ipv4_at(address, 12));
  }
  // ::a.b.c.d (RFC 4291, deprecated), but for :: and ::1.
  if (under({}, 96) && !under({}, 127)) return carried(classify_v4(ipv4_at(address, 12)));
  // ::ffff:0:a.b.c.d (RFC 2765) and 64:ff9b::a.b.c.d (RFC 6052): translators.
  if (under({0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96) || under({0, 0x64, 0xff, 0x9b}, 96)) {
    return carried(classify_v4(ipv4_at(address, 12)));
  }
  // 2002:a.b.c.d:: (6to4, RFC 3056).
  if (under({0x20, 0x02}, 16)) return carried(classify_v4(ipv4_at(address, 2)));
  // 2001:0:SERVER:flags:port:CLIENT^ff.. (Teredo, RFC 4380): both ends count.
  if (under({0x20, 0x01}, 32)) {
    const Kind server = classify_v4(ipv4_at(address, 4));
    const Kind client = classify_v4(ipv4_at(address, 12, 0xff));
    return server == Kind::global ? carried(client) : Kind::unusable;
  }
  return std::nullopt;
}

}  // namespace

AddressKind classify(const IpAddress& address) {
  if (!address.v6) return classify_v4(address);
  if (const auto kind = classify_embedded(address)) return *kind;
  for (const Range& range : kIpv6) {
    if (starts_with(address, range.prefix, range.bits)) return range.kind;
  }
  return Kind::unusable;
}

std::string_view name_of(AddressKind kind) {
  switch (kind) {
    case Kind::global: return "global";
    case Kind::loopback: return "loopback";
    case Kind::private_use: return "private";
    case Kind::link_local: return "link-local";
    case Kind::metadata: return "cloud metadata";
    case Kind::unusable: break;
  }
  return "unusable";
}

bool allowed(AddressKind kind, const AddressRule& rule) {
  const bool loopback = rule.loopback || rule.private_addresses;
  if (rule.only_loopback) return kind == Kind::loopback && loopback;
  switch (kind) {
    case Kind::global: return true;
    case Kind::loopback: return loopback;
    case Kind::private_use:
    case Kind::link_local: return rule.private_addresses;
    case Kind::metadata: return rule.private_addresses && rule.literal;
    case Kind::unusable: break;
  }
  return false;
}

}  // namespace reeve
