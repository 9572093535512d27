// The sources that are read as text: namespaces, labels; and what a Peer shows.
#include <gtest/gtest.h>

#include "peer/lsm.h"
#include "peer/namespaces.h"
#include "peer/peer.h"

namespace reeve {
namespace {

TEST(Namespaces, know_the_initial_user_namespace_by_its_map) {
  EXPECT_TRUE(maps_all_ids("         0          0 4294967295\n"));
  for (const char* other :
       {"", "0 0 65536\n", "0 200000 65536\n", "0 1000 1\n", "0 0 4294967294\n",
        "0 0 1\n1 1 4294967294\n", "0 0 4294967295\n5 5 1\n", "x 0 4294967295\n"}) {
    EXPECT_FALSE(maps_all_ids(other)) << other;
  }
}

TEST(Namespaces, know_another_pid_namespace_by_a_second_pid) {
  EXPECT_TRUE(has_one_pid("Name:\tcat\nNSpid:\t12\n"));
  EXPECT_FALSE(has_one_pid("Name:\tcat\nNSpid:\t12\t1\n"));
  EXPECT_FALSE(has_one_pid("Name:\tcat\nNSpid:\n"));
  EXPECT_FALSE(has_one_pid("Name:\tcat\n")) << "not told is not known";
  EXPECT_FALSE(has_one_pid("Name:\tNSpid:\\n\nNSpid:\t12\t1\n")) << "a name that looks like it";
}

TEST(Lsm, takes_a_label_without_its_nul) {
  EXPECT_EQ(lsm_label(std::string_view("unconfined\0", 11)), "unconfined");
  EXPECT_EQ(lsm_label("/usr/bin/a (enforce)\n"), "/usr/bin/a (enforce)");
  EXPECT_EQ(lsm_label("a\x01"), std::nullopt);
  EXPECT_EQ(lsm_label(""), std::nullopt);
  EXPECT_EQ(lsm_label(std::string_view("\0", 1)), std::nullopt);
}

TEST(PeerEvidence, shows_what_is_there_and_nothing_else) {
  Peer peer;
  peer.uid = 5;
  peer.slices = {"a.slice", "a-b.slice"};
  peer.rootless = Rootless{"podman", 1000};
  peer.attested.image_digests = {"sha256:aa", "sha256:bb"};
  peer.attested.labels = {{"team", "agents"}};
  const auto shown = peer.evidence();
  EXPECT_EQ(shown.at("slice"), "a.slice/a-b.slice");
  EXPECT_EQ(shown.at("rootless"), "podman");
  EXPECT_EQ(shown.at("rootless_owner"), "1000");
  EXPECT_EQ(shown.at("image_digest"), "sha256:aa,sha256:bb");
  EXPECT_EQ(shown.at("label.team"), "agents");
  for (const char* absent : {"unit", "container", "pod", "lsm", "executable", "sha256", "image"})
    EXPECT_FALSE(shown.contains(absent)) << absent;
}

}  // namespace
}  // namespace reeve
