#include "policy/evidence_match.h"

#include "policy_fixture.h"

namespace reeve {
namespace {

TEST(EvidenceMatch, of_a_rule_that_names_nothing_matches_nobody) {
  EXPECT_FALSE(match_evidence({}, peer_of(0)).matched);
}

TEST(EvidenceMatch, names_the_first_evidence_that_failed) {
  const WorkloadMatch rule{.uids = {1000}, .units = {"a.service"}};
  Peer peer = peer_of(1001);
  EvidenceMatch match = match_evidence(rule, peer);
  EXPECT_EQ(match.kind, "unit");
  EXPECT_EQ(match.shown, "nothing");
  peer.unit = "a.service";
  match = match_evidence(rule, peer);
  EXPECT_EQ(match.kind, "uid");
  EXPECT_EQ(match.shown, "1001");
}

TEST(EvidenceMatch, counts_kinds_and_exact_values) {
  const WorkloadMatch rule{.uids = {1000}, .units = {"a@*.service"}};
  Peer peer = peer_of(1000);
  peer.unit = "a@1.service";
  const EvidenceMatch match = match_evidence(rule, peer);
  EXPECT_TRUE(match.matched);
  EXPECT_EQ(match.kinds, 2);
  EXPECT_EQ(match.exact, 1);
}

TEST(EvidenceMatch, takes_the_exact_value_where_a_list_has_both) {
  const WorkloadMatch rule{.units = {"a@*.service", "a@1.service"}};
  Peer peer = peer_of(1000);
  peer.unit = "a@1.service";
  EXPECT_EQ(match_evidence(rule, peer).exact, 1);
}

TEST(EvidenceMatch, of_uid_alone_fails_inside_any_container) {
  const WorkloadMatch rule{.uids = {1000}, .gids = {1000}, .groups = {1000}};
  Peer peer = peer_of(1000);
  EXPECT_TRUE(match_evidence(rule, peer).matched);
  peer.container = "docker:aa";
  EXPECT_EQ(match_evidence(rule, peer).kind, "container");
  peer.container.reset();
  peer.initial_user_namespace = false;
  EXPECT_EQ(match_evidence(rule, peer).kind, "user_namespace");
}

TEST(EvidenceMatch, absent_evidence_matches_no_glob) {
  EXPECT_FALSE(match_evidence({.containers = {"*"}}, peer_of(0)).matched);
  EXPECT_FALSE(match_evidence({.units = {"a@*.service"}}, peer_of(0)).matched);
  EXPECT_FALSE(match_evidence({.cgroups = {"/"}}, peer_of(0)).matched);
}

}  // namespace
}  // namespace reeve
