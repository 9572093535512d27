// The operator's verbs.
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "unit/libclient/cli_fixture.h"

namespace reeve::test {
namespace {

using Lists = CliTest;
using Revoke = CliTest;
using Kill = CliTest;
using Explain = CliTest;
using Reload = CliTest;
using Check = CliTest;
using Cli = CliTest;

std::string grant(const std::string& id, const std::string& provider = "github") {
  return R"({"id":")" + id + R"(","workload":"triage","user":{"issuer":"https://i.example",)" +
         R"("subject":"alice","name":"Alice"},"provider":")" + provider +
         R"(","requested":["repo"],"granted":["repo","read:user"],"state":"live",)" +
         R"("created_at":1700000000})";
}

std::string listed(const std::string& name, const std::vector<std::string>& elements) {
  std::string bytes;
  for (const std::string& element : elements) {
    bytes += reply_frame("{\"" + name + "\":" + element + "}", true);
  }
  return bytes + reply_frame("{}");
}

TEST_F(Lists, grants_are_a_table) {
  on("Admin.Grants", listed("grant", {grant("g-1"), grant("grant-2", "x")}));
  const Ran ran = run({"grants"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out,
            "ID       WORKLOAD  USER                             PROVIDER  ACCOUNT  STATE  "
            "SCOPES          CREATED           USED\n"
            "g-1      triage    https://i.example alice (Alice)  github    -        live   "
            "repo read:user  2023-11-14 22:13  -\n"
            "grant-2  triage    https://i.example alice (Alice)  x         -        live   "
            "repo read:user  2023-11-14 22:13  -\n");
}

TEST_F(Lists, are_arrays_as_json) {
  on("Admin.Grants", listed("grant", {grant("g-1"), grant("g-2")}));
  on("Admin.Grants", listed("grant", {})).on("Admin.Sessions", listed("session", {}));
  EXPECT_EQ(run({"grants", "--json"}).out,
            std::string("[").append(grant("g-1")).append(",").append(grant("g-2")).append("]\n"));
  EXPECT_EQ(run({"--json", "grants"}).out, "[]\n");
  EXPECT_EQ(run({"sessions", "--json"}).out, "[]\n");
}

TEST_F(Lists, sessions_are_a_table) {
  on("Admin.Sessions", listed("session", {R"({"id":"s-1","workload":"w","scope":"cgroup:b:1",)"
                                          R"("opened_at":1700000000,"expires_at":1700003600})"}));
  on("Admin.Sessions", listed("session", {}));
  EXPECT_EQ(run({"sessions"}).out,
            "ID   WORKLOAD  USER  SCOPE       OPENED            EXPIRES\n"
            "s-1  w         -     cgroup:b:1  2023-11-14 22:13  2023-11-14 23:13\n");
  EXPECT_EQ(run({"sessions"}).out, "no sessions\n");
}

TEST_F(Lists, status_tells_what_is_lacking) {
  const std::string reply =
      R"({"version":"0.1.0","pid":7,"started_at":1700000000,"unseparated":true,"sessions":1,)"
      R"("grants":2,"consents":3,"workloads":["a","b"],"providers":[],"issuers":["i"],)"
      R"("problems":["no provider"],"redirect_uris":{"issuer.i":"http://h/callback/x"}})";
  on("Admin.Status", reply_frame(reply)).on("Admin.Status", reply_frame(reply));
  const Ran ran = run({"status"});
  EXPECT_EQ(ran.out,
            "reeved 0.1.0, pid 7, since 2023-11-14 22:13\n"
            "sessions:  1\n"
            "grants:    2\n"
            "consents:  3 pending\n"
            "workloads: a b\n"
            "providers: -\n"
            "issuers:   i\n"
            "redirect URI of issuer.i: http://h/callback/x\n"
            "unseparated: started with --same-user; for development only\n"
            "problem:   no provider\n");
  EXPECT_EQ(run({"status", "--json"}).out, reply + "\n");
}

TEST_F(Lists, show_no_text_that_steers_a_terminal) {
  const std::string hostile = "a\\u001b]0;x\\u0007\\n\\u009b2J\\u202eb\\u200b";
  const std::string raw = "\x7f\xc2\x9b\xe2\x80\xae\xe2\x80\x8b\xf3\xa0\x80\xa1";
  const std::string text = hostile + raw + "\xc3\xa9";
  const std::string reply =
      R"({"workload":")" + text + R"(","evidence":{")" + text + "\":\"" + text + "\"}}";
  for (int i = 0; i < 2; ++i) on("Agent.WhoAmI", reply_frame(reply));
  on("Admin.Grants", listed("grant", {grant("g-1", text)}));
  on("Admin.Explain", reply_frame(R"({"verdict":"denied","reason":"r","text":")" + text + "\"}"));
  on("Admin.Reload",
     error_frame("io.reeve.Admin.ConfigurationInvalid", R"({"errors":[")" + text + "\"]}"));
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"whoami"},
                                                    {"whoami", "--json"},
                                                    {"grants"},
                                                    {"explain", "--pid", "1"},
                                                    {"reload"}}) {
    const Ran ran = run(arguments);
    const std::string said = ran.out + ran.err;
    for (const std::string& bad : {std::string("\x1b"), std::string("\x07"), std::string("\x7f"),
                                   std::string("\xc2\x9b"), std::string("\xe2\x80\xae"),
                                   std::string("\xe2\x80\x8b"), std::string("\xf3\xa0\x80\xa1")}) {
      expect_not_in(said, bad);
    }
    if (arguments.back() == "--json") expect_in(said, "\\u00e9");
    else expect_in(said, "a?]0;x?");
    if (arguments.back() != "--json") expect_in(said, "\xc3\xa9");
  }
}

TEST_F(Revoke, names_what_it_was_told) {
  const std::string reply = R"({"revoked":2,"at_provider":1,"sessions":3,"grants":[)"
                            R"({"id":"g-1","lent_until":1700000000},{"id":"g-2","reason":"gone"},)"
                            R"({"id":"g-3","lent_for_good":true}]})";
  const std::string done = reply_frame(reply);
  on("Admin.RevokeGrants", done).on("Admin.RevokeGrants", done);
  const Ran ran = run({"revoke", "--user", "https://i.example", "alice", "--provider", "p",
                       "--workload", "w", "--grant", "g", "--session", "s", "--sessions"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_TRUE(
      ran.out.starts_with("revoked 2 grants, 1 also at the provider\n"
                          "g-1: access tokens that were lent live until "))
      << ran.out;
  EXPECT_TRUE(
      ran.out.ends_with("g-3: an access token that was lent has no end\nended 3 sessions\n"))
      << ran.out;
  EXPECT_EQ(ran.err, "not revoked at the provider: g-2: gone\n");
  EXPECT_EQ(asked("Admin.RevokeGrants").at(0),
            R"({"user":{"issuer":"https://i.example","subject":"alice"},"provider":"p",)"
            R"("workload":"w","grant":"g","session":"s","sessions":true})");
  EXPECT_EQ(run({"revoke", "--grant", "g", "--json"}).out, reply + "\n");
}

TEST_F(Revoke, takes_no_filter_that_is_empty) {
  for (const std::vector<std::string>& arguments : {std::vector<std::string>{"revoke"},
                                                    {"revoke", "--yes"},
                                                    {"revoke", "--provider", ""},
                                                    {"revoke", "--user", "https://i.example", ""},
                                                    {"revoke", "--provider=", "--grant", "g"},
                                                    {"revoke", "--user", "https://i.example"},
                                                    {"revoke", "extra", "--grant", "g"},
                                                    {"kill"},
                                                    {"kill", "--session", ""},
                                                    {"kill", "--grant", "g"}}) {
    EXPECT_EQ(run(arguments).status, 2) << arguments.back();
  }
  EXPECT_TRUE(server_->calls().empty());
}

TEST_F(Revoke, asks_before_more_than_one_on_a_terminal) {
  const std::vector<std::string> grants = {grant("g-1"), grant("g-2"), grant("g-3", "other")};
  const std::string done = reply_frame(R"({"revoked":2,"at_provider":2,"failures":[]})");
  for (int i = 0; i < 3; ++i) on("Admin.Grants", listed("grant", grants));
  for (int i = 0; i < 3; ++i) on("Admin.RevokeGrants", done);
  program_.typing("n\n");
  const Ran refused = run({"revoke", "--provider", "github"});
  EXPECT_EQ(refused.status, 1);
  expect_in(refused.err, "Revoke these 2 grants? [y/N]");
  expect_in(refused.err, "g-2");
  expect_not_in(refused.err, "g-3");
  expect_in(refused.err, "nothing was revoked");
  EXPECT_TRUE(asked("Admin.RevokeGrants").empty());
  program_.typing("y\n");
  EXPECT_EQ(run({"revoke", "--provider", "github"}).status, 0);
  expect_not_in(run({"revoke", "--provider", "other"}).err, "[y/N]");
  expect_not_in(run({"revoke", "--provider", "github", "--yes"}).err, "[y/N]");
  EXPECT_EQ(asked("Admin.RevokeGrants").size(), 3U);
}

TEST_F(Revoke, fails_where_nothing_fits) {
  on("Admin.RevokeGrants", reply_frame(R"({"revoked":0,"at_provider":0,"failures":[]})"));
  const Ran ran = run({"revoke", "--grant", "g"});
  EXPECT_EQ(ran.status, 1);
  expect_in(ran.err, "reeve grants");
}

TEST_F(Kill, ends_what_it_was_told) {
  on("Admin.KillSessions", reply_frame(R"({"ended":1})"));
  on("Admin.KillSessions", reply_frame(R"({"ended":0})"));
  EXPECT_EQ(run({"kill", "--session", "s-1"}).out, "ended 1 session\n");
  EXPECT_EQ(run({"kill", "--workload", "w", "--user", "unix", "m:0"}).status, 1);
  EXPECT_EQ(asked("Admin.KillSessions").at(0), R"({"session":"s-1"})");
  EXPECT_EQ(asked("Admin.KillSessions").at(1),
            R"({"user":{"issuer":"unix","subject":"m:0"},"workload":"w"})");
}

TEST_F(Explain, ends_with_the_verdict) {
  on("Admin.Explain", reply_frame(R"({"verdict":"allowed","rule":"w","reason":"allowed",)"
                                  R"("text":"verdict: allowed\nrule: w\n"})"));
  on("Admin.Explain", reply_frame(R"({"verdict":"denied","reason":"no_rule"})"));
  const Ran allowed = run({"explain", "--evidence", "uid=0", "--evidence", "unit=a=b", "--user",
                           "corp", "--provider", "p", "--scope", "r"});
  EXPECT_EQ(allowed.status, 0);
  EXPECT_EQ(allowed.out, "verdict: allowed\nrule: w\n");
  EXPECT_EQ(asked("Admin.Explain").at(0),
            R"({"evidence":{"uid":"0","unit":"a=b"},"user":"corp","provider":"p","scopes":["r"]})");
  const Ran denied = run({"explain", "--pid", "42"});
  EXPECT_EQ(denied.status, 4);
  EXPECT_EQ(denied.out, "denied: no_rule\n");
  EXPECT_EQ(asked("Admin.Explain").at(1), R"({"pid":42,"provider":""})");
}

TEST_F(Explain, wants_one_process) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"explain"},
        {"explain", "--pid", "1", "--evidence", "uid=0"},
        {"explain", "--pid", "0"},
        {"explain", "--pid", "x"},
        {"explain", "--evidence", "uid"},
        {"explain", "--evidence", "=0"},
        {"explain", "--evidence", "uid=0", "--evidence", "uid=1"}}) {
    EXPECT_EQ(run(arguments).status, 2) << arguments.back();
  }
  EXPECT_TRUE(server_->calls().empty());
}

TEST_F(Reload, tells_every_error) {
  on("Admin.Reload", reply_frame(R"({"warnings":["w1"]})"));
  on("Admin.Reload", error_frame("io.reeve.Admin.ConfigurationInvalid",
                                 R"({"errors":["a.toml:1: x","a.toml:2: y"]})"));
  const Ran good = run({"reload"});
  EXPECT_EQ(good.status, 0);
  EXPECT_EQ(good.err, "warning: w1\n");
  const Ran bad = run({"reload"});
  EXPECT_EQ(bad.status, 1);
  EXPECT_EQ(bad.err,
            "reeve: the configuration has errors, and nothing was changed:\n"
            "  a.toml:1: x\n  a.toml:2: y\n");
}

TEST_F(Check, runs_the_daemons_own_check) {
  const std::string place = directory_ / "sbin";
  std::filesystem::create_directory(place);
  std::ofstream(place + "/reeved") << "#!/bin/sh\necho \"warning: $*\" >&2\n"
                                      "[ \"$3\" = good.toml ] && echo 'good.toml: no errors' &&\n"
                                      "echo '[issuer.a] redirect_uri to register: https://x/y' &&"
                                      " exit 0\n"
                                      "printf 'bad.toml:1: \\033[2J\\n' >&2\nexit 1\n";
  ASSERT_EQ(::chmod((place + "/reeved").c_str(), 0755), 0);
  program_.with("PATH=" + place + ":/usr/bin:/bin");
  const Ran good = run({"check", "good.toml"});
  EXPECT_EQ(good.status, 0);
  EXPECT_EQ(good.out, "no errors\nredirect URI of issuer.a: https://x/y\n");
  EXPECT_EQ(run({"check", "good.toml", "--json"}).out,
            "{\"valid\":true,\"warnings\":[\"--check --config good.toml\"],"
            "\"errors\":[],\"redirect_uris\":{\"issuer.a\":\"https://x/y\"}}\n");
  EXPECT_EQ(good.err, "warning: --check --config good.toml\n");
  const Ran bad = run({"check", "bad.toml", "--same-user", "--presets", "d"});
  EXPECT_EQ(bad.status, 1);
  EXPECT_EQ(bad.out, "");
  EXPECT_EQ(bad.err,
            "warning: --check --config bad.toml --presets d --same-user\n"
            "bad.toml:1: ?[2J\n");
  EXPECT_EQ(run({"check", "bad.toml", "--json"}).out,
            "{\"valid\":false,\"warnings\":[\"--check --config bad.toml\"],"
            "\"errors\":[\"bad.toml:1: \\u001b[2J\"],\"redirect_uris\":{}}\n");
}

TEST_F(Cli, has_help_for_every_verb) {
  for (const char* verb : {"whoami", "token", "status", "sessions", "grants", "kill", "revoke",
                           "explain", "reload", "check"}) {
    const Ran ran = run({verb, "--help"});
    EXPECT_EQ(ran.status, 0);
    expect_in(ran.out, std::string("reeve ") + verb);
  }
  EXPECT_EQ(run({"--help"}).status, 0);
  EXPECT_EQ(run({"--version"}).out.rfind("reeve ", 0), 0U);
  EXPECT_EQ(run({}).status, 2);
  EXPECT_EQ(run({"--json"}).status, 2);
  expect_in(run({"toke\x1bn"}).err, "what is 'toke?n'?");
  EXPECT_EQ(run({"status", "--timeout", "0"}).status, 2);
}

TEST_F(Cli, says_what_to_do_when_no_daemon_answers) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"status"}, {"whoami"}}) {
    const Ran ran = program_.run(arguments);
    EXPECT_EQ(ran.status, 1);
    expect_in(ran.err, "systemctl status reeved");
    expect_in(ran.err, socket());
  }
}

TEST_F(Cli, says_what_to_do_without_permission) {
  on("Admin.Status", error_frame("org.varlink.service.PermissionDenied"));
  const Ran refused = run({"status"});
  EXPECT_EQ(refused.status, 4);
  expect_in(refused.err, "reeve-admin");
  if (::geteuid() != 0) GTEST_SKIP() << "the rest needs root, to be another user";
  const Ran kept_out = program_.as(12345).run({"status"});
  if (kept_out.status == 127) GTEST_SKIP() << "the build is out of another user's reach";
  EXPECT_EQ(kept_out.status, 1);
  expect_in(kept_out.err, "reeve-admin");
}

TEST_F(Cli, asks_once_more_where_the_daemon_ended_the_connection) {
  on("Agent.WhoAmI", "").on("Agent.WhoAmI", reply_frame(R"({"workload":"bot","evidence":{}})"));
  on("Admin.Sessions", "").on("Admin.Sessions", reply_frame("{}"));
  expect_in(run({"whoami"}).out, "bot");
  EXPECT_EQ(run({"sessions"}).status, 0);
  EXPECT_EQ(server_->connections(), 4U);
  // And not what must not happen twice.
  on("Agent.OpenSession", "");
  on("Admin.KillSessions", "");
  expect_in(run({"token", "github", "--as-workload"}).err, "ask again");
  EXPECT_NE(run({"kill", "--workload", "bot"}).status, 0);
  EXPECT_EQ(server_->connections(), 6U);
}

TEST_F(Cli, sends_nothing_where_a_false_daemon_may_listen) {
  ASSERT_EQ(::chmod(directory_.path().c_str(), 0777), 0);
  const Ran ran = run({"status"});
  EXPECT_EQ(ran.status, 1);
  expect_in(ran.err, "nothing was sent");
  expect_in(ran.err, "chmod go-w");
  EXPECT_TRUE(server_->calls().empty());
}

TEST_F(Cli, does_not_wait_for_ever) {
  server_.emplace(socket(), [](Peer& peer) { peer.until_closed(); });
  const Ran ran = run({"status", "--timeout", "1"});
  EXPECT_EQ(ran.status, 1);
  expect_in(ran.err, "no answer in time");
}

TEST_F(Cli, refuses_arguments_that_are_no_text) {
  const Ran ran = run({"kill", "--session", "\xff"});
  EXPECT_EQ(ran.status, 2);
  expect_in(ran.err, "UTF-8");
}

}  // namespace
}  // namespace reeve::test
