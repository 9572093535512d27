#include "config/read_config.h"

#include <unistd.h>

#include "config_fixture.h"

namespace reeve {
namespace {

TEST(ReadConfig, takes_the_example_of_the_design) {
  TemporaryDirectory directory;
  directory.write("github.toml",
                  "name = \"GitHub\"\nhosts = [\"github.com\"]\n[endpoints]\n"
                  "authorization = \"https://github.com/a\"\n"
                  "token = \"https://github.com/t\"\n");
  ConfigOptions options = test_options();
  options.preset_directory = directory.path();
  options.accounts.user = [](const std::string&) { return 1000; };
  const Config config = accepted(R"(
[binding.main]
url = "https://agents.example.com"          # where browsers reach this binder

[issuer.corp]                               # who may vouch for users
issuer = "https://login.example.com"
client_id = "reeve"
client_secret = { credential = "corp-client" }
subject_claim = "sub"
max_age = 43200

[provider.github]
preset = "github"
client_id = "Iv1.abc"
client_secret = { credential = "github-client" }

[workload.triage-bot]
match = { unit = "triage-bot.service", uid = "triage" }
issuer.corp = { audiences = ["triage-app"] }
return_urls = ["https://chat.example.com/connected"]
allow = [ { provider = "github", scopes = ["repo", "read:user"] } ]
)",
                                 options);
  EXPECT_EQ(config.bindings.at("main").url, "https://agents.example.com");
  EXPECT_EQ(config.issuers.at("corp").max_age, 43200);
  EXPECT_EQ(config.issuers.at("corp").client.client_secret->label(), "credential corp-client");
  EXPECT_EQ(config.providers.at("github").shape.display_name, "GitHub");
  EXPECT_EQ(config.providers.at("github").client.client_auth, "basic");
  const WorkloadConfig& workload = config.workloads.at("triage-bot");
  EXPECT_EQ(workload.match.uids, std::vector<uid_t>{1000});
  EXPECT_EQ(workload.match.units, Lines{"triage-bot.service"});
  EXPECT_EQ(workload.issuers.at("corp").audiences, Lines{"triage-app"});
  EXPECT_EQ(*workload.allow.at(0).scopes, (Lines{"repo", "read:user"}));
}

TEST(ReadConfig, has_defaults_for_everything_but_a_binding) {
  const Config config = accepted(binding);
  EXPECT_EQ(config.daemon.state_directory, "/var/lib/reeve");
  EXPECT_EQ(config.daemon.runtime_directory, "/run/reeve");
  EXPECT_EQ(config.daemon.audit, "/var/lib/reeve/audit.jsonl");
  EXPECT_EQ(config.daemon.binder_uid, ::geteuid());
  EXPECT_EQ(config.vault.master_key.label(), "credential master-key");
  EXPECT_EQ(config.limits.frame_bytes, 262144);
  EXPECT_EQ(errors_of(""), Lines{"f: [binding.main]: missing: expected url = \"https://HOST\", "
                                 "where browsers reach reeve-bind"});
}

TEST(ReadConfig, resolves_the_daemons_accounts) {
  ConfigOptions options = test_options();
  options.same_user = false;
  const Lines errors =
      errors_of(binding + "[daemon]\nbinder_user = 5\nfetch_user = \"nobody-here\"\n", options);
  ASSERT_EQ(errors.size(), 3U);
  EXPECT_EQ(
      errors[0],
      "f:3: [daemon] daemon_user: missing, and this host has no \"reeve\": expected a name or "
      "number (or --same-user, for development)");
  EXPECT_TRUE(errors[1].starts_with("f:3: [daemon] admin_group: missing")) << errors[1];
  EXPECT_EQ(errors[2],
            "f:5: [daemon] fetch_user: expected the name or number of a user of this host");
  const Config config = accepted(binding +
                                     "[daemon]\ndaemon_user = 1\nbinder_user = \"alice\"\n"
                                     "fetch_user = \"3\"\nadmin_group = \"agents\"\n"
                                     "state_directory = \"/s\"\n",
                                 options);
  EXPECT_EQ(config.daemon.daemon_uid, 1U);
  EXPECT_EQ(config.daemon.binder_uid, 1001U);
  EXPECT_EQ(config.daemon.fetch_uid, 3U);
  EXPECT_EQ(config.daemon.admin_gid, 2000U);
  EXPECT_EQ(config.daemon.audit, "/s/audit.jsonl");
}

TEST(ReadConfig, knows_the_accounts_of_this_host) {
  const AccountNames names = AccountNames::of_host();
  EXPECT_EQ(names.user("root"), 0U);
  EXPECT_EQ(names.group("root"), 0U);
  EXPECT_FALSE(names.user("no-such-user-here"));
}

TEST(ReadConfig, reports_all_errors_in_the_order_of_the_lines) {
  EXPECT_EQ(
      errors_of("[daemon]\nstate = 1\naudit = 3\n[limits]\nsessions = 0\nframe_bytes = 300000\n"
                "[nonsense]\n[vault]\nmaster_key = \"k\"\n" +
                binding),
      (Lines{"f:2: [daemon] state: unknown key: expected one of state_directory, "
             "runtime_directory, audit, audit_megabytes, audit_files, daemon_user, binder_user, "
             "fetch_user, admin_group, attest",
             "f:3: [daemon] audit: expected an absolute path",
             "f:5: [limits] sessions: expected a whole number from 1 to 1000000",
             "f:6: [limits] frame_bytes: expected a whole number from 4096 to 262144",
             "f:7: [nonsense]: unknown table: expected one of daemon, vault, limits, "
             "binding.NAME, issuer.NAME, provider.NAME, workload.NAME",
             "f:9: [vault] master_key: expected a reference, { credential = \"name\" } or "
             "{ file = \"/path\" }: a secret never stands in the configuration itself"}));
}

TEST(ReadConfig, refuses_tables_of_the_wrong_shape_and_name) {
  EXPECT_EQ(errors_of(binding + "[provider]\nx = 1\n[workload.\"a b\"]\n[issuer.unix]\n").size(),
            5U);
  EXPECT_EQ(errors_of("workload = 3\n" + binding),
            Lines{"f:1: workload: expected tables [workload.NAME]"});
  EXPECT_EQ(errors_of("daemon = 3\n" + binding), Lines{"f:1: [daemon]: expected a table"});
}

TEST(ReadConfig, takes_origins_only_for_bindings) {
  for (const char* url : {"http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080",
                          "https://a.example:8443"}) {
    accepted("[binding.main]\nurl = \"" + std::string(url) + "\"\n");
  }
  for (const char* url :
       {"https://a.example/", "https://a.example/x", "https://a.example?x", "http://a.example",
        "https://a.example:443", "http://127.0.0.1:80", "https://A.example", "a.example"}) {
    EXPECT_EQ(errors_of("[binding.main]\nurl = \"" + std::string(url) + "\"\n").size(), 1U) << url;
  }
}

TEST(ReadConfig, takes_secrets_as_references_only) {
  const std::string start = binding + issuer + "client_secret = ";
  EXPECT_EQ(
      accepted(start + "{ file = \"/etc/s\" }").issuers.at("corp").client.client_secret->label(),
      "file /etc/s");
  for (const char* wrong :
       {"\"hunter2\"", "{ }", "{ file = \"/a\", credential = \"b\" }", "{ file = \"a\" }",
        "{ credential = \"a/b\" }", "{ credential = \"\" }", "{ value = \"hunter2\" }",
        "{ file = \"/a\", x = 1 }", "[\"hunter2\"]"}) {
    const Lines errors = errors_of(start + wrong);
    ASSERT_EQ(errors.size(), 1U) << wrong;
    EXPECT_EQ(errors[0].find("hunter2"), std::string::npos) << errors[0];
  }
}

TEST(ReadConfig, checks_issuers) {
  const std::string start = binding + issuer;
  const Config config = accepted(start + "algorithms = [\"ES256\"]\nprompt = \"login\"\n");
  EXPECT_EQ(config.issuers.at("corp").client.client_auth, "none");
  EXPECT_EQ(config.issuers.at("corp").client.fetch, "issuers");
  for (const char* wrong :
       {"subject_claim = \"email\"", "algorithms = []", "algorithms = [\"HS256\"]",
        "algorithms = [\"none\"]", "max_age = -1", "prompt = \"none\"", "scopes = [\"profile\"]",
        "jwks_file = \"keys.json\"", "client_auth = \"basic\"", "client_auth = \"jwt\"",
        "raw_basic = true", "fetch = \"\"", "loopback_http = 1",
        "[issuer.other]\nissuer = \"https://login.example.com\"\nclient_id = \"x\"",
        "[issuer.other]\nissuer = \"http://127.0.0.1:1\"\nclient_id = \"x\"",
        "[issuer.other]\nissuer = \"http://a.example\"\nloopback_http = true\nclient_id = \"x\"",
        "[issuer.other]\nissuer = \"https://a.example?x\"\nclient_id = \"x\"",
        "[issuer.other]\nissuer = \"https://a.example\"", "[issuer.other]\nclient_id = \"x\""}) {
    EXPECT_EQ(errors_of(start + wrong + "\n").size(), 1U) << wrong;
  }
}

TEST(ReadConfig, refuses_an_instance_of_fetch_for_issuers_and_providers) {
  EXPECT_EQ(errors_of(binding + issuer + provider + "fetch = \"issuers\"\n"),
            Lines{"f:9: [provider.p] fetch: \"issuers\" also serves [issuer.corp]: issuers and "
                  "providers never share an instance"});
}

TEST(ReadConfig, joins_drop_ins_in_the_order_of_their_names) {
  TemporaryDirectory directory;
  const std::string main = directory.write("reeve.toml", binding);
  directory.write("conf.d/20-p.toml", provider);
  directory.write("conf.d/10-i.toml", issuer);
  directory.write("conf.d/notes.txt", "not toml");
  directory.write("conf.d/.hidden.toml", "not toml");
  const auto outcome = read_config(main, test_options());
  ASSERT_TRUE(outcome.config) << outcome.errors.at(0);
  EXPECT_TRUE(outcome.config->providers.contains("p"));
  EXPECT_TRUE(outcome.config->issuers.contains("corp"));
}

TEST(ReadConfig, refuses_a_table_in_two_files) {
  TemporaryDirectory directory;
  const std::string main =
      directory.write("reeve.toml", binding + "[limits]\nsessions = 5\n" + provider);
  const std::string one = directory.write("conf.d/a.toml", "[limits]\nconsents = 5\n" + provider);
  const std::string two = directory.write("conf.d/b.toml", "[workload.w]\nx = \n" + provider);
  const auto outcome = read_config(main, test_options());
  EXPECT_FALSE(outcome.config);
  ASSERT_EQ(outcome.errors.size(), 3U);
  const std::string twice = ": another file has this table already: expected it in one only";
  EXPECT_EQ(outcome.errors[0], one + ":1: [limits]" + twice);
  EXPECT_EQ(outcome.errors[1], one + ":3: [provider.p]" + twice);
  EXPECT_TRUE(outcome.errors[2].starts_with(two + ":2: ")) << outcome.errors[2];
}

TEST(ReadConfig, reports_files_that_cannot_be_read) {
  const auto outcome = read_config("/nonexistent/reeve.toml", test_options());
  ASSERT_EQ(outcome.errors.size(), 1U);
  EXPECT_TRUE(outcome.errors[0].starts_with("/nonexistent/reeve.toml: cannot be read: "));
}

TEST(ReadConfig, does_not_call_a_name_unknown_while_a_file_is_unread) {
  TemporaryDirectory directory;
  const std::string main = directory.write(
      "reeve.toml",
      binding + "[workload.w]\nmatch = { uid = 1 }\nallow = [{ provider = \"p\" }]\n");
  directory.write("conf.d/p.toml", "broken");
  EXPECT_EQ(read_config(main, test_options()).errors.size(), 1U);
}

TEST(ReadConfig, warns_of_what_is_allowed_but_odd) {
  const auto outcome = read_config_text(
      binding + issuer + provider +
          "account = \"none\"\n[provider.q]\nissuer = \"https://q.example\"\nclient_id = \"c\"\n"
          "account_match = \"subject\"\npkce_off = \"their server refuses challenges\"\n"
          "[workload.a]\nmatch = { uid = 1 }\nallow = [{ provider = \"p\" }]\n"
          "[workload.b]\nmatch = { uid = [1] }\nunix = true\n",
      test_options(), "f");
  ASSERT_TRUE(outcome.config) << outcome.errors.at(0);
  EXPECT_EQ(
      outcome.warnings,
      (Lines{"f:2: [binding.main] url: users of this host (unix = true) cannot sign in here: "
             "that takes a loopback address",
             "f:6: [provider.p]: account is none: people confirm an account without seeing its "
             "name",
             "f:10: [provider.q]: no workload is allowed to use it",
             "f:10: [provider.q]: PKCE is off: their server refuses challenges",
             "f:10: [provider.q]: account_match = \"subject\" proves nothing: no [issuer.NAME] "
             "has the same issuer",
             "f:15: [workload.a]: has no issuer, assert or unix: it can act for no user, only "
             "for itself",
             "f:18: [workload.b]: allows nothing",
             "f:18: [workload.b]: matches the same processes as [workload.a]: both are "
             "ambiguous, so such a process is denied"}));
}

}  // namespace
}  // namespace reeve
