#include "reeved/admin_methods.h"

#include "service_world.h"

namespace reeve {
namespace {

using test::login;
using test::user_of;

class AdminMethodsTest : public test::ServiceWorld {};

TEST_F(AdminMethodsTest, shows_the_state_and_what_to_register) {
  open_session();
  grant();
  asked("notes");
  const Told told = admin("Status");
  EXPECT_EQ(told.parameters.integer("sessions"), 2);
  EXPECT_EQ(told.parameters.integer("grants"), 1);
  EXPECT_EQ(told.parameters.integer("consents"), 1);
  EXPECT_EQ(told.parameters.boolean("unseparated"), true);
  EXPECT_EQ(told.parameters.integer("started_at"), 7);
  EXPECT_EQ(told.parameters.strings("problems"), std::vector<std::string>());
  const Json& uris = *told.parameters.find("redirect_uris");
  EXPECT_EQ(uris.text("provider.files"),
            "https://agents.example/callback/" + d->setup.get()->providers.at("files")->context);
  EXPECT_EQ(uris.text("issuer.corp"),
            "https://agents.example/callback/" + d->setup.get()->issuers.at("corp")->context);
}

TEST_F(AdminMethodsTest, lists_sessions_and_grants_one_by_one) {
  EXPECT_EQ(admin("Sessions").error, "ExpectedMore");
  EXPECT_EQ(admin("Grants").error, "ExpectedMore");
  open_session();
  open_session("bot", std::nullopt);
  grant();
  const GrantRef dead = grant({.account = "acc-2", .lifetime = std::nullopt});
  EXPECT_TRUE(run(d->grants.kill(dead, "revoked")));
  const Told sessions = admin("Sessions", "{}", true);
  EXPECT_EQ(sessions.sent.size(), 2u);
  EXPECT_EQ(sessions.parameters.find("session"), nullptr);
  const Told grants = admin("Grants", "{}", true);
  ASSERT_EQ(grants.sent.size(), 2u);
  std::multiset<std::string> states;
  for (const Json& one : grants.sent) states.insert(one.find("grant")->text("state"));
  EXPECT_EQ(states, (std::multiset<std::string>{"dead", "live"}));
}

TEST_F(AdminMethodsTest, kills_the_sessions_that_are_named_and_never_all_by_mistake) {
  const SessionRef alice = open_session().session;
  const SessionRef bob = open_session("bot", user_of("bob")).session;
  const SessionRef left = open_session("left").session;
  for (const char* nothing : {"{}", R"({"workload":"","session":""})", R"({"user":null})"}) {
    EXPECT_EQ(admin("KillSessions", nothing).error, "InvalidParameter");
  }
  EXPECT_EQ(admin("KillSessions", R"({"workload":"nobody"})").parameters.integer("ended"), 0);
  const std::string user = R"("user":{"issuer":")" + login + R"(","subject":"alice"})";
  EXPECT_EQ(admin("KillSessions", R"({"workload":"bot",)" + user + "}").parameters.integer("ended"),
            1);
  EXPECT_TRUE(alice->ended);
  EXPECT_FALSE(bob->ended || left->ended);
  EXPECT_EQ(admin("KillSessions", R"({"session":")" + bob->id + "\"}").parameters.integer("ended"),
            1);
  EXPECT_EQ(admin("KillSessions", "{" + user + "}").parameters.integer("ended"), 1);
  EXPECT_EQ(d->sessions.size(), 0u);
}

TEST_F(AdminMethodsTest, revokes_the_grants_that_are_named_and_says_what_the_provider_said) {
  http->on(revoke_url, "");
  const GrantRef first = grant();
  const GrantRef other = grant({.subject = "bob"});
  EXPECT_EQ(admin("RevokeGrants").error, "InvalidParameter");
  Told told = admin("RevokeGrants", R"({"grant":")" + first->id + "\"}");
  EXPECT_EQ(told.parameters.integer("revoked"), 1);
  EXPECT_EQ(told.parameters.integer("at_provider"), 1);
  http->on(revoke_url, "", 503);
  told = admin("RevokeGrants", R"({"provider":"files"})");
  EXPECT_EQ(told.parameters.integer("revoked"), 1);
  EXPECT_EQ(told.parameters.integer("at_provider"), 0);
  ASSERT_EQ(told.parameters.strings("failures")->size(), 1u);
  EXPECT_TRUE(told.parameters.strings("failures")->front().starts_with(other->id));
  EXPECT_EQ(d->grants.size(), 0u);
}

TEST_F(AdminMethodsTest,
       the_kill_switch_ends_sessions_and_grants_and_lists_what_providers_have_not_answered) {
  http->on(revoke_url, "", 503);
  const SessionRef alice = open_session().session;
  const SessionRef other = open_session("bot", test::user_of("bob")).session;
  const GrantRef made = grant();
  made->used_at = clock.unix_seconds();
  const GrantRef left = grant({.subject = "bob"});
  EXPECT_EQ(admin("RevokeGrants", R"({"session":"unknown"})").parameters.integer("revoked"), 0);
  Told told = admin("RevokeGrants", R"({"session":")" + alice->id + R"(","sessions":true})");
  EXPECT_EQ(told.parameters.integer("revoked"), 1);
  EXPECT_EQ(told.parameters.integer("sessions"), 1);
  const Json& one = told.parameters.find("grants")->array()->front();
  EXPECT_EQ(one.text("id"), made->id);
  EXPECT_EQ(one.text("said"), "failed");
  EXPECT_EQ(one.boolean("again"), true);
  EXPECT_EQ(one.integer("lent_until"), clock.unix_seconds() + 3600);
  EXPECT_FALSE(d->sessions.live(*alice));
  EXPECT_TRUE(d->sessions.live(*other));
  EXPECT_EQ(d->grants.by_id(left->id), left);
  told = admin("Revocations", "{}", true);
  ASSERT_EQ(told.sent.size(), 1u);
  EXPECT_EQ(told.sent[0].find("revocation")->text("grant"), made->id);
  EXPECT_EQ(told.sent[0].find("revocation")->integer("tries"), 1);
  told = admin("RevokeGrants", R"({"grant":")" + left->id + R"(","sessions":true})");
  EXPECT_EQ(told.parameters.integer("sessions"), 1) << "who could use that grant";
  EXPECT_FALSE(d->sessions.live(*other));
}

// V2.
TEST_F(AdminMethodsTest, ends_damaged_grants_of_whom_it_is_told_and_never_by_guess) {
  const std::string id = grant()->id;
  const RowKey alices = row_of(Kind::grant);
  grant({.subject = "bob"});
  restart_without_grants();
  services = std::make_unique<Services>(*this);
  damage(alices);
  const std::string user =
      R"("user":{"issuer":")" + test::user_of("alice").issuer + R"(","subject":"alice"})";
  EXPECT_EQ(admin("RevokeGrants", "{" + user + R"(,"provider":"files"})").error, "Unavailable");
  EXPECT_EQ(admin("RevokeGrants", R"({"provider":"files","grant":")" + id + "\"}").error,
            "Unavailable");
  const Told walked = admin("RevokeGrants", R"({"provider":"files"})");
  EXPECT_EQ(walked.error, "Unavailable") << "bob's is gone, the other may have been meant";
  EXPECT_NE(walked.parameters.text("reason").find("1 damaged"), std::string::npos);
  EXPECT_EQ(records(Kind::grant), 1u);
  const Told told = admin("RevokeGrants", "{" + user + "}");
  EXPECT_EQ(told.parameters.integer("revoked"), 1);
  EXPECT_EQ(told.parameters.integer("at_provider"), 0);
  EXPECT_EQ(told.parameters.strings("failures")->front(),
            row_name(alices) + ": its record was damaged, so the provider could not be told");
  EXPECT_EQ(records(Kind::grant), 0u);
  EXPECT_EQ(records(Kind::access_token), 0u);
  EXPECT_NE(audit_text().find(R"("reason":"damaged")"), std::string::npos);
}

TEST_F(AdminMethodsTest, explains_a_verdict_for_evidence_or_a_process) {
  Told told =
      admin("Explain",
            R"({"evidence":{"uid":"1000"},"user":"corp","provider":"files","scopes":["read"]})");
  EXPECT_EQ(told.parameters.text("verdict"), "allowed");
  EXPECT_EQ(told.parameters.text("rule"), "bot");
  told = admin("Explain", R"({"evidence":{"uid":"4711"},"provider":"files"})");
  EXPECT_EQ(told.parameters.text("verdict"), "denied");
  EXPECT_EQ(told.parameters.text("reason"), "no_workload");
  EXPECT_EQ(admin("Explain", "{}").error, "InvalidParameter");
  EXPECT_EQ(admin("Explain", R"({"evidence":{"shoe":"42"}})").parameters.text("parameter"),
            "evidence.shoe");
  EXPECT_EQ(admin("Explain", R"({"pid":)" + std::to_string(::getpid()) + "}").error, "");
  for (const char* pid : {"0", "-1", "2147483647", "4294967297", "9223372036854775807"}) {
    EXPECT_EQ(admin("Explain", std::string(R"({"pid":)") + pid + "}").error, "NotFound") << pid;
  }
}

TEST_F(AdminMethodsTest, reloads_whole_or_not_at_all) {
  reloaded.warnings = {"careful"};
  EXPECT_EQ(admin("Reload").parameters.strings("warnings"), std::vector<std::string>{"careful"});
  reloaded.errors = {"f:1: wrong"};
  const Told told = admin("Reload");
  EXPECT_EQ(told.error, "ConfigurationInvalid");
  EXPECT_EQ(told.parameters.strings("errors"), std::vector<std::string>{"f:1: wrong"});
}

TEST_F(AdminMethodsTest, a_disk_that_fails_is_told) {
  open_session();
  const GrantRef made = grant();
  break_store();
  EXPECT_EQ(admin("KillSessions", R"({"workload":"bot"})").error, "Unavailable");
  EXPECT_EQ(admin("RevokeGrants", R"({"grant":")" + made->id + "\"}").error, "Unavailable");
}

constexpr const char* kThere = "https://there.example";
const std::string kDocument = std::string(kThere) + "/.well-known/openid-configuration";

std::string metadata(const std::string& issuer) {
  return R"({"issuer":")" + issuer + R"(","authorization_endpoint":"https://there.example/auth",)" +
         R"("token_endpoint":"https://there.example/token",)" +
         R"("response_types_supported":["code"],"jwks_uri":"https://there.example/jwks"})";
}

TEST_F(AdminMethodsTest, asks_a_server_that_is_not_configured_for_its_endpoints) {
  http->on(kDocument, metadata(kThere));
  const std::string asked = R"({"issuer":"https://there.example","fetch":"providers"})";
  const Told told = admin("Discover", asked);
  ASSERT_EQ(told.error, "");
  EXPECT_EQ(told.parameters.find("endpoints")->text("token"), "https://there.example/token");
  // Another issuer's document, and no document.
  http->on(kDocument, metadata("https://other.example"));
  EXPECT_EQ(admin("Discover", asked).error, "DiscoveryFailed");
  http->down(kDocument);
  const Told none = admin("Discover", asked);
  EXPECT_EQ(none.error, "DiscoveryFailed");
  EXPECT_NE(none.parameters.text("reason").find("there.example"), std::string::npos);
  // The instance's name becomes part of a path.
  for (const char* fetch : {"", "../agent/agent", "a/b"}) {
    EXPECT_EQ(admin("Discover",
                    std::string(R"({"issuer":"https://there.example","fetch":")") + fetch + "\"}")
                  .error,
              "InvalidParameter");
  }
}

TEST_F(AdminMethodsTest, tries_every_part_and_says_what_to_do) {
  EXPECT_EQ(admin("Probe").error, "ExpectedMore");
  grant();
  const Told told = admin("Probe", "{}", true);
  std::map<std::string, std::string> outcomes;
  for (const Json& one : told.sent) {
    const Json& finding = *one.find("finding");
    outcomes[finding.text("part")] = finding.text("outcome");
    if (finding.text("outcome") == "failed") {
      EXPECT_NE(finding.text("advice"), "") << finding.text("part");
      if (finding.text("part") == "binding.main") {  // unseparated: a user's own
        EXPECT_TRUE(finding.text("advice").starts_with("systemctl --user "));
      }
    }
  }
  // No page answers here.
  EXPECT_EQ(outcomes.at("binding.main"), "failed");
  EXPECT_EQ(outcomes.at("refresh tokens of files"), "ok");
  EXPECT_TRUE(outcomes.contains("issuer.corp"));
  EXPECT_TRUE(outcomes.contains("provider.files"));
  http->on("https://agents.example/healthz", "ok");
  const Told again = admin("Probe", "{}", true);
  EXPECT_EQ(again.sent.back().find("finding")->text("outcome"), "ok");
  http->on("https://agents.example/healthz", "", 421);
  const Told misdirected = admin("Probe", "{}", true);
  EXPECT_NE(misdirected.sent.back().find("finding")->text("advice").find("Host"),
            std::string::npos);
}

}  // namespace
}  // namespace reeve
