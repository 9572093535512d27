#include "reeved/evidence.h"

#include <gtest/gtest.h>

#include "base/json_writer.h"

namespace reeve {
namespace {

std::string wrong(const std::string& text) {
  Peer peer;
  return read_evidence(*parse_json(text), peer);
}

TEST(Evidence, is_read_as_a_peer_shows_it) {
  Peer peer;
  peer.pid = 12;
  peer.uid = 1000;
  peer.gid = 100;
  peer.groups = {5, 27};
  peer.cgroup = "/system.slice/a.service";
  peer.unit = "a.service";
  peer.container = "docker:abc";
  peer.initial_user_namespace = true;
  peer.scope = "cgroup:b:7";
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  for (const auto& [name, value] : peer.evidence()) json.member(name, value);
  json.end_object();
  Peer read;
  EXPECT_EQ(read_evidence(*parse_json(text), read), "") << text;
  EXPECT_EQ(read.evidence(), peer.evidence());
}

TEST(Evidence, nothing_said_is_a_process_of_nobody_in_the_first_namespace) {
  Peer peer;
  EXPECT_EQ(read_evidence(*parse_json("{}"), peer), "");
  EXPECT_EQ(peer.uid, static_cast<uid_t>(-1));
  EXPECT_TRUE(peer.initial_user_namespace);
  EXPECT_EQ(read_evidence(*parse_json(R"({"user_namespace":"other"})"), peer), "");
  EXPECT_FALSE(peer.initial_user_namespace);
}

TEST(Evidence, names_the_first_member_that_is_none) {
  EXPECT_EQ(wrong(R"({"shoe":"42"})"), "shoe");
  EXPECT_EQ(wrong(R"({"uid":1000})"), "uid");
  EXPECT_EQ(wrong(R"({"uid":null})"), "uid");
  EXPECT_EQ(wrong(R"({"unit":"a.service","uid":"x"})"), "uid");
  for (const char* value : {"", " ", "x", "1x", " 1", "1 ", "-1", "+1", "0x1", "1.0", "4294967296",
                            "99999999999999999999"}) {
    EXPECT_EQ(wrong(R"({"uid":")" + std::string(value) + "\"}"), "uid") << value;
    EXPECT_EQ(wrong(R"({"gid":")" + std::string(value) + "\"}"), "gid") << value;
  }
  EXPECT_EQ(wrong(R"({"pid":"2147483648"})"), "pid");
  for (const char* value : {",", "1,,2", "1,x", "1, 2", "4294967296"}) {
    EXPECT_EQ(wrong(R"({"groups":")" + std::string(value) + "\"}"), "groups") << value;
  }
  EXPECT_EQ(wrong(R"({"user_namespace":"mine"})"), "user_namespace");
}

TEST(Evidence, groups_come_sorted) {
  Peer peer;
  EXPECT_EQ(read_evidence(*parse_json(R"({"groups":"27,5,1000"})"), peer), "");
  EXPECT_EQ(peer.groups, (std::vector<gid_t>{5, 27, 1000}));
  EXPECT_EQ(read_evidence(*parse_json(R"({"groups":""})"), peer), "");
}

}  // namespace
}  // namespace reeve
