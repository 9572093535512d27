// reeve token and reeve whoami: what agents' scripts call.
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>

#include "unit/libclient/cli_fixture.h"

namespace reeve::test {
namespace {

using Token = CliTest;
using Consent = CliTest;
using Whoami = CliTest;
const std::vector<std::string> kAsk = {"token", "github", "--session", kHandle};

std::vector<std::string> ask(const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {"token", "github"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST_F(Token, prints_the_token_and_nothing_else) {
  on("Agent.GetToken", token_reply());
  const Ran ran = run(kAsk);
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, std::string(kSecret) + "\n");
  EXPECT_EQ(ran.err, "");
  EXPECT_EQ(asked("Agent.GetToken").at(0),
            std::string(R"({"session":")") + kHandle + R"(","provider":"github"})");
  EXPECT_EQ(server_->calls().size(), 1U) << "a session that was handed over is not ours to close";
}

TEST_F(Token, asks_for_what_it_was_told) {
  on("Agent.GetToken", token_reply());
  const Ran ran =
      run({"token",     "--scope",    "repo",        "--scope",    "read:user",
           "--json",    "--session",  "h",           "--resource", "https://api.example.com/",
           "--account", "octo-alice", "--min-valid", "600",        "--acr",
           "gold",      "--acr",      "silver",      "--max-age",  "0",
           "--fresh",   "github"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(asked("Agent.GetToken").at(0),
            R"({"session":"h","provider":"github","scopes":["repo","read:user"],)"
            R"("resource":"https://api.example.com/","account":"octo-alice","min_valid":600,)"
            R"("acr_values":["gold","silver"],"max_age":0,"fresh":true})");
  expect_in(ran.out, R"({"id":"t-1","access_token":")");
  expect_in(ran.out, R"("expires_at":1999999999,"scopes":["repo"],"grant":"g-1")");
}

TEST_F(Token, opens_a_session_for_whom_it_was_told_and_closes_it) {
  const struct {
    std::vector<std::string> arguments;
    const char* sent;
  } table[] = {
      {{"--unix"}, R"({"as":"unix","lifetime":900})"},
      {{"--as-workload"}, R"({"as":"workload","lifetime":900})"},
      {{"--as-user", "https://login.example.com", "alice"},
       R"({"as":"asserted","user":{"issuer":"https://login.example.com","subject":"alice"},)"
       R"("lifetime":900})"},
      {{"--user-token-file", directory_ / "jwt"},
       R"({"as":"token","user_token":"aaa.bbb.ccc","lifetime":900})"},
  };
  std::ofstream(directory_ / "jwt") << "\n aaa.bbb.ccc \n";
  for (const auto& row : table) {
    on("Agent.OpenSession", opened());
    on("Agent.GetToken", token_reply());
    on("Agent.CloseSession", reply_frame("{}"));
    const Ran ran = run(ask(row.arguments));
    EXPECT_EQ(ran.out, std::string(kSecret) + "\n") << ran.err;
    EXPECT_EQ(asked("Agent.OpenSession").back(), row.sent);
    EXPECT_EQ(asked("Agent.CloseSession").back(), std::string(R"({"session":")") + kHandle + "\"}");
  }
  EXPECT_EQ(asked("Agent.CloseSession").size(), std::size(table));
}

TEST_F(Token, takes_its_session_or_user_from_the_environment) {
  std::ofstream(directory_ / "jwt") << "aaa.bbb.ccc";
  on("Agent.GetToken", token_reply()).on("Agent.OpenSession", opened());
  on("Agent.GetToken", token_reply()).on("Agent.CloseSession", reply_frame("{}"));
  program_.with("REEVE_USER_TOKEN_FILE=" + directory_ / "jwt");
  program_.with("REEVE_SESSION=from-the-environment");
  EXPECT_EQ(run(ask({})).status, 0);
  expect_in(asked("Agent.GetToken").at(0), "\"from-the-environment\"");
  EXPECT_TRUE(asked("Agent.OpenSession").empty());
  EXPECT_EQ(run(ask({"--unix"})).status, 0) << "what is told goes before what is set";
  expect_in(asked("Agent.OpenSession").at(0), "\"unix\"");
}

TEST_F(Token, signs_a_user_of_this_host_in_and_says_where_to_go_on) {
  on("Agent.ProveUser", reply_frame(R"({"code":"c","expires_at":1,"url":"http://127.0.0.1:1/x"})"));
  const Ran ran = run({"sign-in", "http://127.0.0.1:1/connect/t"});
  EXPECT_EQ(ran.status, 0);
  EXPECT_EQ(ran.out, "http://127.0.0.1:1/x\n");
  EXPECT_EQ(asked("Agent.ProveUser").at(0), R"({"page":"http://127.0.0.1:1/connect/t"})");
  on("Agent.ProveUser", error_frame("io.reeve.Agent.Denied", R"({"reason":"binding"})"));
  EXPECT_EQ(run({"sign-in"}).status, 4);
  EXPECT_EQ(asked("Agent.ProveUser").at(1), "{}");
}

TEST_F(Token, shows_a_user_of_this_host_a_link_that_signs_in) {
  on("Agent.OpenSession", opened()).on("Agent.GetToken", consent_required());
  on("Agent.ProveUser", reply_frame(R"({"code":"c","expires_at":1,"url":"http://127.0.0.1:1/x"})"));
  const Ran ran = run(ask({"--unix"}));
  EXPECT_EQ(ran.status, 3);
  expect_in(ran.err, "Open http://127.0.0.1:1/x\n");
  EXPECT_EQ(asked("Agent.ProveUser").at(0),
            R"({"page":"https://agents.example.com/connect/ticket"})");
  // Not proven: the page itself.
  on("Agent.OpenSession", opened()).on("Agent.GetToken", consent_required());
  on("Agent.ProveUser", error_frame("io.reeve.Agent.Denied", R"({"reason":"binding"})"));
  expect_in(run(ask({"--unix"})).err, "Open https://agents.example.com/connect/ticket\n");
}

TEST_F(Token, asks_the_users_own_daemon_before_the_systems) {
  const std::string runtime = directory_ / "run";
  std::filesystem::create_directories(runtime + "/reeve");
  std::filesystem::permissions(runtime, std::filesystem::perms::owner_all);
  Answers answers;
  answers.on("io.reeve.Agent.WhoAmI", reply_frame(R"({"evidence":{"uid":"7"}})"));
  ScriptedServer own(runtime + "/reeve/agent.sock", answers.script());
  Program program;
  program.with("XDG_RUNTIME_DIR=" + runtime);
  const Ran ran = program.run({"whoami"});
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(own.calls().size(), 1U);
  // Not where it is another user's.
  if (::geteuid() != 0) return;
  ASSERT_EQ(::chown((runtime + "/reeve/agent.sock").c_str(), 12345, 12345), 0);
  expect_in(program.run({"whoami"}).err, "/run/reeve/agent");
  EXPECT_EQ(own.calls().size(), 1U);
}

TEST_F(Token, wants_to_know_for_whom) {
  const Ran ran = run(ask({}));
  EXPECT_EQ(ran.status, 2);
  expect_in(ran.err, "--user-token-file");
  EXPECT_EQ(run(ask({"--unix", "--session", "s"})).status, 2);
  EXPECT_EQ(run(ask({"--as-user", "https://login.example.com"})).status, 2);
  EXPECT_EQ(run(ask({"--session", ""})).status, 2);
  EXPECT_EQ(run({"token", "--unix"}).status, 2);
  EXPECT_EQ(run(ask({"--unix", "--scope", "a", "b"})).status, 2);
  EXPECT_EQ(run(ask({"--unix", "--min-valid", "-1"})).status, 2);
  EXPECT_TRUE(server_->calls().empty());
}

TEST_F(Token, refuses_a_file_without_a_user_token_and_never_quotes_it) {
  for (const std::string& content : {std::string(), std::string(" \n"), std::string(70000, 'x'),
                                     std::string("se cret"), std::string("se\x1b[2Jcret")}) {
    std::ofstream(directory_ / "jwt") << content;
    const Ran ran = run(ask({"--user-token-file", directory_ / "jwt"}));
    EXPECT_EQ(ran.status, 1);
    expect_in(ran.err, "does not hold a user token");
    expect_not_in(ran.err, "cret");
  }
  for (const std::string& name : {directory_ / "none", directory_.path()}) {
    const Ran ran = run(ask({"--user-token-file", name}));
    EXPECT_EQ(ran.status, 1);
    expect_in(ran.err, "cannot read the user token in " + name);
  }
  EXPECT_TRUE(server_->calls().empty());
}

TEST_F(Token, tells_each_error_with_its_status) {
  const struct {
    const char *name, *parameters, *told;
    int status;
  } table[] = {
      {"Agent.Denied", R"({"reason":"no_rule"})", "denied by policy (no_rule)", 4},
      {"Agent.SessionInvalid", "{}", "the session has ended", 1},
      {"Agent.Unavailable", R"({"reason":"starting"})", "(starting): try again later", 1},
      {"Agent.UnknownProvider", R"({"provider":"github"})", "no provider 'github'", 1},
      {"Agent.ProviderFailed",
       R"({"provider":"github","error":"server_error","description":"away","retry_after":7})",
       "github failed (server_error: away): try again in 7 seconds", 1},
      {"Agent.LimitReached", R"({"limit":"sessions"})", "the limit 'sessions'", 1},
      {"Agent.OfALaterVersion", R"({"x":1})", "answered io.reeve.Agent.OfALaterVersion", 1},
      {"Agent.Denied", "{}", "(?)", 4},
  };
  for (const auto& row : table) {
    on("Agent.GetToken", error_frame(std::string("io.reeve.") + row.name, row.parameters));
    const Ran ran = run(kAsk);
    EXPECT_EQ(ran.status, row.status) << row.name;
    EXPECT_EQ(ran.out, "");
    expect_in(ran.err, row.told);
    expect_not_in(ran.err, kHandle);
  }
  on("Agent.GetToken",
     error_frame("org.varlink.service.InvalidParameter", R"({"parameter":"resource"})"));
  expect_in(run(kAsk).err, "'resource'");
}

TEST_F(Token, keeps_the_token_out_of_every_error) {
  const std::string secret = kSecret;
  for (const std::string& bytes :
       {reply_frame(R"({"token":{"access_token":")" + secret + "\\n\"}}"),
        reply_frame(R"({"token":{"access_token":")" + secret + "é\"}}"),
        reply_frame(R"({"token":{"access_token":["")" + secret + "\"]}}"),
        reply_frame(R"({"token":{"access":")" + secret + "\"}}"),
        reply_frame("{\"token\":\"" + secret + "\"}"), "{\"parameters\":{\"token\":\"" + secret,
        secret + '\0', reply_frame("{\"t\":\"" + secret + "\"}", true)}) {
    const std::string answer = bytes + (bytes.back() == '\0' ? "" : std::string(1, '\0'));
    for (const char* json : {"--timeout=5", "--json"}) {
      on("Agent.GetToken", answer);
      const Ran ran = run(ask({"--session", kHandle, json}));
      EXPECT_EQ(ran.status, 1);
      EXPECT_EQ(ran.out, "");
      expect_not_in(ran.err, secret);
      expect_not_in(ran.err, kHandle);
    }
  }
}

TEST_F(Token, fails_when_its_output_goes_nowhere) {
  on("Agent.GetToken", token_reply());
  program_.to("/dev/full");
  const Ran ran = run(kAsk);
  EXPECT_EQ(ran.status, 1);
  expect_in(ran.err, "cannot write");
}

TEST_F(Consent, that_is_needed_is_shown_and_ends_with_3) {
  on("Agent.OpenSession", opened()).on("Agent.GetToken", consent_required());
  const Ran ran = run(ask({"--unix"}));
  EXPECT_EQ(ran.status, 3);
  EXPECT_EQ(ran.out, "");
  expect_in(ran.err, "Open https://agents.example.com/connect/ticket\n");
  expect_in(ran.err, "amber-fox");
  EXPECT_TRUE(asked("Agent.CloseSession").empty()) << "the user is yet to come";
}

TEST_F(Consent, is_told_as_json) {
  on("Agent.GetToken", consent_required());
  const Ran ran = run(ask({"--session", "s", "--json"}));
  EXPECT_EQ(ran.status, 3);
  EXPECT_EQ(ran.out, "");
  EXPECT_EQ(
      ran.err.rfind(R"({"error":"io.reeve.Agent.ConsentRequired","parameters":{"provider":)", 0),
      0U);
  expect_in(ran.err, R"("request":"request-1")");
}

TEST_F(Consent, without_a_page_says_so) {
  on("Agent.GetToken",
     error_frame("io.reeve.Agent.ConsentRequired",
                 R"({"provider":"p","reason":"new","phrase":"x","request":"r","expires_at":1})"));
  const Ran ran = run(kAsk);
  EXPECT_EQ(ran.status, 3);
  expect_in(ran.err, "ask the operator");
}

TEST_F(Consent, is_waited_for) {
  on("Agent.GetToken", consent_required()).on("Agent.GetToken", token_reply());
  on("Agent.AwaitConsent",
     reply_frame(R"({"status":"pending"})", true) + reply_frame(R"({"status":"granted"})"));
  const Ran ran = run(ask({"--session", "s", "--wait", "--fresh"}));
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out, std::string(kSecret) + "\n");
  expect_in(ran.err, "Open https://agents.example.com/connect/ticket\n");
  EXPECT_EQ(asked("Agent.AwaitConsent").size(), 1U);
  expect_in(asked("Agent.AwaitConsent").at(0), R"({"session":"s","request":"request-1"})");
  expect_in(asked("Agent.GetToken").at(0), "fresh");
  expect_not_in(asked("Agent.GetToken").at(1), "fresh");
}

TEST_F(Consent, is_waited_for_over_a_lost_connection) {
  std::atomic<int> asked_before = 0, waited_before = 0;
  server_.emplace(socket(), [&](Peer& peer) {
    while (const auto frame = peer.call()) {
      if (frame->find("GetToken") != std::string::npos) {
        peer.raw(asked_before++ == 0 ? consent_required() : token_reply());
      } else if (waited_before++ == 0) {
        return peer.reply(R"({"status":"pending"})", true);  // and the connection ends
      } else {
        peer.reply(R"({"status":"granted"})");
      }
    }
  });
  const Ran ran = run(ask({"--session", "s", "--wait"}));
  EXPECT_EQ(ran.status, 0) << ran.err;
  EXPECT_EQ(ran.out, std::string(kSecret) + "\n");
  EXPECT_EQ(asked("Agent.AwaitConsent").size(), 2U);
}

TEST_F(Consent, ends_with_the_status_of_how_it_ended) {
  const struct {
    const char *update, *told;
    int status;
  } table[] = {
      {R"({"status":"declined"})", "the user declined", 4},
      {R"({"status":"refused","reason":"wrong_user"})", "refused (wrong_user)", 4},
      {R"({"status":"expired"})", "nobody answered in time", 3},
      {R"({"status":"failed","reason":"access_denied"})", "ended as failed (access_denied)", 1},
      {R"({"status":"of_later"})", "ended as of_later", 1},
      {R"({"status":"pending"})", "ended as pending", 1},
      {R"({"status":7})", "lacks 'status'", 1},
  };
  for (const auto& row : table) {
    on("Agent.GetToken", consent_required()).on("Agent.AwaitConsent", reply_frame(row.update));
    const Ran ran = run(ask({"--session", "s", "--wait"}));
    EXPECT_EQ(ran.status, row.status) << row.update;
    EXPECT_EQ(ran.out, "");
    expect_in(ran.err, row.told);
  }
  on("Agent.GetToken", consent_required());
  on("Agent.AwaitConsent", error_frame("io.reeve.Agent.SessionInvalid"));
  EXPECT_EQ(run(ask({"--session", "s", "--wait"})).status, 1);
}

TEST_F(Whoami, shows_workload_and_evidence) {
  const std::string reply = R"({"workload":"triage","evidence":{"uid":"1000","unit":"a.service"}})";
  on("Agent.WhoAmI", reply_frame(reply)).on("Agent.WhoAmI", reply_frame(reply));
  on("Agent.WhoAmI", reply_frame(R"({"evidence":{}})"));
  EXPECT_EQ(run({"whoami"}).out, "workload: triage\n  uid: 1000\n  unit: a.service\n");
  EXPECT_EQ(run({"whoami", "--json"}).out, reply + "\n");
  EXPECT_EQ(run({"whoami"}).out, "workload: none that the policy knows\n");
}

}  // namespace
}  // namespace reeve::test
