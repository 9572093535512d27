#include "policy/policy.h"

#include "policy_fixture.h"

namespace reeve {
namespace {

Peer triage() {
  Peer peer = peer_of(1000);
  peer.unit = "triage-bot.service";
  return peer;
}

TEST(Policy, without_workloads_denies_everybody) {
  const Policy policy{Config()};
  const Verdict verdict = policy.decide(triage(), {.provider = "github"});
  EXPECT_FALSE(verdict.allowed);
  EXPECT_EQ(verdict.reason, Reason::no_workload);
}

TEST(Policy, gives_the_workload_itself_for_a_peer) {
  const Policy policy(test_config());
  const Match match = policy.match(triage());
  ASSERT_NE(match.workload, nullptr);
  EXPECT_EQ(match.workload->name, "triage-bot");
  EXPECT_EQ(match.workload->issuers.at("corp").audiences.front(), "triage-app");
  EXPECT_EQ(policy.find("triage-bot"), match.workload);
  EXPECT_EQ(policy.find("gone"), nullptr);
}

TEST(Policy, denies_an_ask_for_a_workload_that_is_gone) {
  const Policy policy(test_config());
  EXPECT_EQ(policy.decide({.workload = "gone", .provider = "github"}).reason, Reason::no_workload);
}

TEST(Policy, survives_the_config_it_was_made_of) {
  auto config = std::make_unique<Config>(test_config());
  const Policy policy(*config);
  config.reset();
  EXPECT_TRUE(policy.decide(triage(), {.provider = "github"}).allowed);
}

TEST(Policy, opens_sessions_by_tokens_of_the_listed_issuers_only) {
  const Policy policy(test_config());
  EXPECT_TRUE(policy.may_open(triage(), SessionKind::token, "corp").allowed);
  EXPECT_EQ(policy.may_open(triage(), SessionKind::token, "partner").reason,
            Reason::user_not_allowed);
  EXPECT_FALSE(policy.may_open(triage(), SessionKind::asserted, "corp").allowed);
  EXPECT_FALSE(policy.may_open(triage(), SessionKind::unix_user).allowed);
  EXPECT_TRUE(policy.may_open(triage(), SessionKind::workload).allowed);
  EXPECT_FALSE(policy.may_open(peer_of(99), SessionKind::workload).allowed);
}

TEST(Policy, lets_only_workloads_that_assert_name_users) {
  const Policy policy(test_config());
  Peer peer = peer_of(7);
  peer.groups = {2000};
  EXPECT_TRUE(policy.may_open(peer, SessionKind::asserted, "partner").allowed);
  EXPECT_FALSE(policy.may_open(peer, SessionKind::asserted, "corp").allowed);
  EXPECT_FALSE(policy.may_open(peer, SessionKind::token, "partner").allowed);
}

// THREATS W12.
TEST(Policy, never_takes_a_containers_uid_for_a_user_of_this_host) {
  const Policy policy(test_config());
  EXPECT_TRUE(policy.may_open(peer_of(1000), SessionKind::unix_user).allowed);
  Peer rootless = peer_of(1001);
  rootless.initial_user_namespace = false;
  EXPECT_TRUE(policy.may_open(rootless, SessionKind::workload).allowed);
  EXPECT_EQ(policy.may_open(rootless, SessionKind::unix_user).reason, Reason::user_not_allowed);
}

// THREATS W12, T19.
TEST(Policy, lets_a_uid_be_proven_by_a_users_own_process_and_by_no_agent) {
  Config config = test_config();
  const auto may = [&](const Peer& peer) { return Policy(config).may_prove(peer).allowed; };
  EXPECT_TRUE(may(peer_of(54321))) << "no workload";
  EXPECT_FALSE(may(peer_of(0)));
  EXPECT_FALSE(may(peer_of(1000))) << "an agent that acts for its uid";
  config.workloads.at("by-uid").prove_user = true;
  EXPECT_TRUE(may(peer_of(1000)));
  Peer peer = peer_of(54321);
  peer.container = "docker:1";
  EXPECT_FALSE(may(peer));
  peer = peer_of(54321);
  peer.rootless = Rootless{"podman", 54321};
  EXPECT_FALSE(may(peer));
  peer = peer_of(54321);
  peer.initial_user_namespace = false;
  EXPECT_FALSE(may(peer));
  peer = peer_of(54321);
  peer.initial_pid_namespace = false;
  EXPECT_FALSE(may(peer));
}

TEST(Policy, denies_every_session_to_an_ambiguous_peer) {
  const Policy policy(test_config());
  Peer peer = peer_of(3000);
  peer.unit = "twin.service";
  EXPECT_EQ(policy.match(peer).workload, nullptr);
  const Verdict verdict = policy.may_open(peer, SessionKind::workload);
  EXPECT_EQ(verdict.reason, Reason::ambiguous);
  EXPECT_EQ(verdict.rule, "twin-a, twin-b");
}

TEST(Policy, explains_what_failed_for_each_workload) {
  const Policy policy(test_config());
  const std::string text = policy.explain(triage(), {.provider = "github", .scopes = {{"repo"}}});
  EXPECT_NE(text.find("verdict: allowed\nrule: triage-bot\nreason: allowed: "), std::string::npos)
      << text;
  EXPECT_NE(text.find("scopes: repo\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  triage-bot: matches by 2 kinds of evidence, 2 exact\n"), std::string::npos)
      << text;
  EXPECT_NE(text.find("  podman: no match: container is nothing\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  rootless: no match: container is nothing\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  any-agent: no match: unit is triage-bot.service\n"), std::string::npos)
      << text;
}

TEST(Policy, explains_evidence_without_control_characters) {
  const Policy policy(test_config());
  Peer peer = peer_of(1);
  peer.unit = "a\nverdict: allowed\x1b[2J.service";
  const std::string text = policy.explain(peer, {.provider = "github"});
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(text.find("\nverdict: allowed"), std::string::npos);
}

}  // namespace
}  // namespace reeve
