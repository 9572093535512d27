#include "fetch/address_guard.h"

#include <gtest/gtest.h>
#include <netinet/in.h>

#include <cstring>
#include <string>

namespace reeve {
namespace {

using Kind = AddressKind;

struct Row {
  const char* text;
  Kind kind;
};

constexpr Row kRows[] = {
    {"1.1.1.1", Kind::global},
    {"9.255.255.255", Kind::global},
    {"11.0.0.0", Kind::global},
    {"100.63.255.255", Kind::global},
    {"100.128.0.0", Kind::global},
    {"172.15.255.255", Kind::global},
    {"172.32.0.0", Kind::global},
    {"192.167.255.255", Kind::global},
    {"192.169.0.0", Kind::global},
    {"223.255.255.255", Kind::global},
    {"10.0.0.1", Kind::private_use},
    {"10.255.255.255", Kind::private_use},
    {"172.16.0.0", Kind::private_use},
    {"172.31.255.255", Kind::private_use},
    {"192.168.0.0", Kind::private_use},
    {"192.168.255.255", Kind::private_use},
    {"100.64.0.0", Kind::private_use},
    {"100.127.255.255", Kind::private_use},
    {"127.0.0.0", Kind::loopback},
    {"127.0.0.1", Kind::loopback},
    {"127.255.255.255", Kind::loopback},
    {"169.254.0.0", Kind::link_local},
    {"169.254.169.253", Kind::link_local},
    {"169.254.169.254", Kind::metadata},
    {"169.254.170.2", Kind::metadata},
    {"100.100.100.200", Kind::metadata},
    {"0.0.0.0", Kind::unusable},
    {"0.1.2.3", Kind::unusable},
    {"192.0.0.1", Kind::unusable},
    {"192.0.2.1", Kind::unusable},
    {"192.88.99.1", Kind::unusable},
    {"198.18.0.1", Kind::unusable},
    {"198.19.255.255", Kind::unusable},
    {"198.51.100.1", Kind::unusable},
    {"203.0.113.1", Kind::unusable},
    {"224.0.0.1", Kind::unusable},
    {"239.255.255.255", Kind::unusable},
    {"240.0.0.1", Kind::unusable},
    {"255.255.255.255", Kind::unusable},

    {"2606:4700::1111", Kind::global},
    {"2a00:1450:4001::1", Kind::global},
    {"3ffe::1", Kind::global},
    {"::1", Kind::loopback},
    {"fc00::1", Kind::private_use},
    {"fdff::1", Kind::private_use},
    {"fec0::1", Kind::private_use},
    {"fe80::1", Kind::link_local},
    {"febf::1", Kind::link_local},
    {"fd00:ec2::254", Kind::metadata},
    {"fd20:ce::254", Kind::metadata},
    {"::", Kind::unusable},
    {"100::1", Kind::unusable},
    {"1fff::1", Kind::unusable},
    {"2001:2::1", Kind::unusable},
    {"2001:10::1", Kind::unusable},
    {"2001:db8::1", Kind::unusable},
    {"3fff::1", Kind::unusable},
    {"4000::1", Kind::unusable},
    {"5f00::1", Kind::unusable},
    {"64:ff9b:1::a00:1", Kind::unusable},
    {"ff02::1", Kind::unusable},

    // The same IPv4 addresses inside others.
    {"::ffff:1.1.1.1", Kind::global},
    {"::ffff:10.0.0.1", Kind::private_use},
    {"::ffff:a00:1", Kind::private_use},
    {"::ffff:127.0.0.1", Kind::loopback},
    {"::ffff:169.254.169.254", Kind::metadata},
    {"::ffff:a9fe:a9fe", Kind::metadata},
    {"::ffff:0.0.0.0", Kind::unusable},
    {"::ffff:0:10.0.0.1", Kind::unusable},
    {"::ffff:0:1.1.1.1", Kind::global},
    {"::1.1.1.1", Kind::global},
    {"::10.0.0.1", Kind::unusable},
    {"::127.0.0.1", Kind::unusable},
    {"::2", Kind::unusable},
    {"64:ff9b::1.1.1.1", Kind::global},
    {"64:ff9b::10.0.0.1", Kind::unusable},
    {"64:ff9b::127.0.0.1", Kind::unusable},
    {"64:ff9b::169.254.169.254", Kind::unusable},
    {"2002:101:101::1", Kind::global},
    {"2002:a00:1::1", Kind::unusable},
    {"2002:7f00:1::", Kind::unusable},
    {"2002:a9fe:a9fe::", Kind::unusable},
    {"2001:0:101:101:0:0:fefe:fefe", Kind::global},
    {"2001:0:101:101:0:0:f5ff:fffe", Kind::unusable},  // client 10.0.0.1
    {"2001:0:a00:1:0:0:fefe:fefe", Kind::unusable},    // server 10.0.0.1
    {"2001:0:101:101:0:0:5601:5601", Kind::unusable},  // client 169.254.169.254
};

TEST(AddressGuard, knows_what_each_address_is_for) {
  for (const Row& row : kRows) {
    const auto address = parse_ip(row.text);
    ASSERT_TRUE(address) << row.text;
    EXPECT_EQ(name_of(classify(*address)), name_of(row.kind)) << row.text;
  }
}

TEST(AddressGuard, lets_a_request_reach_what_its_rule_says_and_no_more) {
  const AddressRule usual;
  AddressRule inside;
  inside.private_addresses = true;
  AddressRule inside_literal = inside;
  inside_literal.literal = true;
  AddressRule loopback;
  loopback.loopback = true;
  AddressRule plain = loopback;
  plain.only_loopback = true;
  AddressRule plain_inside = plain;
  plain_inside.private_addresses = true;
  AddressRule plain_forgotten;
  plain_forgotten.only_loopback = true;

  struct Case {
    Kind kind;
    bool usual, inside, inside_literal, loopback, plain, plain_inside, plain_forgotten;
  };
  const Case cases[] = {
      {Kind::global, true, true, true, true, false, false, false},
      {Kind::loopback, false, true, true, true, true, true, false},
      {Kind::private_use, false, true, true, false, false, false, false},
      {Kind::link_local, false, true, true, false, false, false, false},
      {Kind::metadata, false, false, true, false, false, false, false},
      {Kind::unusable, false, false, false, false, false, false, false},
  };
  for (const Case& row : cases) {
    const std::string_view name = name_of(row.kind);
    EXPECT_EQ(allowed(row.kind, usual), row.usual) << name;
    EXPECT_EQ(allowed(row.kind, inside), row.inside) << name;
    EXPECT_EQ(allowed(row.kind, inside_literal), row.inside_literal) << name;
    EXPECT_EQ(allowed(row.kind, loopback), row.loopback) << name;
    EXPECT_EQ(allowed(row.kind, plain), row.plain) << name;
    EXPECT_EQ(allowed(row.kind, plain_inside), row.plain_inside) << name;
    EXPECT_EQ(allowed(row.kind, plain_forgotten), row.plain_forgotten) << name;
  }
}

}  // namespace
}  // namespace reeve
