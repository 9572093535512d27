// The verbs that speak other programs' conventions: what they print, and for whom they never
// answer.
#include <sys/stat.h>

#include <fstream>

#include "unit/libclient/cli_fixture.h"

namespace reeve::test {
namespace {

class Adapters : public CliTest {
 public:
  Adapters() { program_.with(std::string("REEVE_SESSION=") + kHandle).with("HOME=" + home()); }
  std::string home() const { return directory_.path(); }
  Ran run_with(const std::string& input, const std::vector<std::string>& arguments) {
    std::ofstream(directory_ / "input", std::ios::trunc) << input;
    program_.reading(directory_ / "input");
    return run(arguments);
  }
  void lends(int times = 1) {
    for (int i = 0; i < times; ++i) on("Agent.GetToken", token_reply());
  }
};

using Exec = Adapters;
using Header = Adapters;
using Git = Adapters;
using Docker = Adapters;
using Kubectl = Adapters;
using Aws = Adapters;
using Watch = Adapters;

TEST_F(Exec, puts_the_token_where_it_was_told) {
  const struct {
    std::vector<std::string> arguments;
    const char* script;
  } table[] = {
      {{"--provider", "github"}, "echo $GITHUB_TOKEN; echo ${ACCESS_TOKEN-none}"},
      {{"--provider", "files"}, "echo $ACCESS_TOKEN; echo ${GITHUB_TOKEN-none}"},
      {{"--provider", "files", "--env", "MY_TOKEN"}, "echo $MY_TOKEN; echo ${ACCESS_TOKEN-none}"},
  };
  lends(std::size(table));
  for (const auto& row : table) {
    std::vector<std::string> arguments = {"exec"};
    arguments.insert(arguments.end(), row.arguments.begin(), row.arguments.end());
    arguments.insert(arguments.end(), {"--", "sh", "-c", row.script});
    const Ran ran = run(arguments);
    EXPECT_EQ(ran.out, std::string(kSecret) + "\nnone\n") << ran.err;
  }
}

TEST_F(Exec, gives_a_file_that_can_be_read_again_and_not_be_written) {
  lends();
  const Ran ran =
      run({"exec", "--provider", "github", "--file", "--", "sh", "-c",
           "cat \"$1\"; echo; cat \"$1\"; echo; env | grep -c ghu_; echo x >\"$1\"", "sh", "{}"});
  EXPECT_EQ(ran.out, std::string(kSecret) + "\n" + kSecret + "\n0\n");
  EXPECT_NE(ran.status, 0) << "it is sealed";
}

TEST_F(Exec, ends_as_the_program_does_and_says_what_is_wrong_before_it_asks) {
  lends(2);
  EXPECT_EQ(run({"exec", "--provider", "github", "--", "sh", "-c", "exit 7"}).status, 7);
  const Ran absent = run({"exec", "--provider", "github", "--", "/nowhere/program"});
  EXPECT_EQ(absent.status, 127);
  expect_in(absent.err, "/nowhere/program");
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"exec", "--provider", "github"},
        {"exec", "--", "true"},
        {"exec", "--provider", "github", "--env", "A=B", "--", "true"},
        {"exec", "--provider", "github", "--env", "1A", "--", "true"},
        {"exec", "--provider", "github", "--file", "--", "true"}}) {
    EXPECT_EQ(run(arguments).status, 2);
  }
  EXPECT_EQ(asked("Agent.GetToken").size(), 2U);
}

TEST_F(Exec, takes_no_option_behind_the_mark) {
  on("Agent.OpenSession", opened());
  lends();
  on("Agent.CloseSession", reply_frame("{}"));
  const Ran ran =
      run({"exec", "--provider", "github", "--scope", "repo", "--as-user", "https://i.example",
           "alice", "--", "sh", "-c", "echo \"$@\"", "sh", "--", "--json", "--scope", "x"});
  EXPECT_EQ(ran.out, "-- --json --scope x\n") << ran.err;
}

TEST_F(Exec, runs_nothing_without_a_token) {
  on("Agent.GetToken", consent_required());
  const Ran ran = run({"exec", "--provider", "github", "--", "echo", "ran"});
  EXPECT_EQ(ran.status, 3);
  EXPECT_EQ(ran.out, "");
  expect_in(ran.err, "amber-fox");
}

TEST_F(Header, prints_one) {
  lends(2);
  EXPECT_EQ(run({"header", "github"}).out, std::string("Authorization: Bearer ") + kSecret + "\n");
  EXPECT_EQ(run({"header", "github", "--json"}).out,
            std::string(R"({"Authorization":"Bearer )") + kSecret + "\"}\n");
}

constexpr const char* kGitAsks = "protocol=https\nhost=git.example.com\nwwwauth[]=Basic\n\n";
const std::vector<std::string> kNamed = {"git-credential",          "--provider", "gitlab", "--url",
                                         "https://git.example.com", "get"};

TEST_F(Git, answers_for_a_url_that_was_named) {
  lends();
  const Ran ran = run_with(kGitAsks, kNamed);
  EXPECT_EQ(ran.out, std::string("username=oauth2\npassword=") + kSecret +
                         "\npassword_expiry_utc=1999999999\n")
      << ran.err;
}

TEST_F(Git, answers_with_a_bearer_where_git_announced_that_it_can) {
  lends();
  const Ran ran =
      run_with(std::string("capability[]=authtype\ncapability[]=state\n") + kGitAsks, kNamed);
  EXPECT_EQ(ran.out, std::string("capability[]=authtype\nauthtype=Bearer\ncredential=") + kSecret +
                         "\nephemeral=1\npassword_expiry_utc=1999999999\n");
}

TEST_F(Git, takes_hosts_from_gits_own_configuration) {
  std::ofstream(directory_ / ".gitconfig")
      << "[credential]\n\treeveProvider = everywhere\n"
         "[credential \"https://git.example.com\"]\n\treeveProvider = one\n"
         "[credential \"https://git.example.com/org\"]\n\treeveProvider = two\n"
         "[credential \"https://*.example.org\"]\n\treeveProvider = wild\n";
  lends(2);
  EXPECT_EQ(run_with(kGitAsks, {"git-credential", "get"}).status, 0);
  EXPECT_EQ(run_with("protocol=https\nhost=git.example.com\npath=org/x.git\nusername=me\n\n",
                     {"git-credential", "get"})
                .out.substr(0, 12),
            "username=me\n");
  ASSERT_EQ(asked("Agent.GetToken").size(), 2U);
  expect_in(asked("Agent.GetToken")[0], R"("provider":"one")");
  expect_in(asked("Agent.GetToken")[1], R"("provider":"two")");
  for (const char* other : {"protocol=https\nhost=evil.example\n\n",
                            "protocol=https\nhost=a.example.org\n\n", "protocol=https\n\n", "\n"}) {
    const Ran ran = run_with(other, {"git-credential", "get"});
    EXPECT_EQ(ran.status, 0) << "another helper may know";
    EXPECT_EQ(ran.out, "");
  }
  EXPECT_EQ(asked("Agent.GetToken").size(), 2U) << "a setting without a host names none";
}

TEST_F(Git, never_answers_for_another_host_and_not_over_plain_http) {
  for (const char* other :
       {"protocol=https\nhost=evil.example\n\n", "protocol=http\nhost=git.example.com\n\n",
        "protocol=https\nhost=git.example.com:8443\n\n",
        "protocol=https\nhost=git.example.com.evil.example\n\n",
        "protocol=ssh\nhost=git.example.com\n\n",
        "protocol=https\nhost=evil.example\nhost=evil.example/git.example.com\n\n"}) {
    const Ran ran = run_with(other, kNamed);
    EXPECT_EQ(ran.out, "") << other;
    EXPECT_EQ(ran.status, 0) << other;
  }
  const Ran plain = run_with(
      "protocol=http\nhost=git.example.com\n\n",
      {"git-credential", "--provider", "gitlab", "--url", "http://git.example.com", "get"});
  EXPECT_EQ(plain.status, 4);
  expect_in(plain.err, "https");
  EXPECT_EQ(run_with(kGitAsks, {"git-credential", "--provider", "gitlab", "get"}).status, 2);
  EXPECT_EQ(run_with("host\n\n", kNamed).status, 2);
  EXPECT_TRUE(server_->calls().empty());
}

TEST_F(Git, tells_the_daemon_of_a_token_that_was_refused) {
  lends(2);
  on("Agent.ReportInvalid", reply_frame("{}"));
  std::vector<std::string> erase = kNamed;
  erase.back() = "erase";
  const std::string head = "protocol=https\nhost=git.example.com\nusername=oauth2\npassword=";
  EXPECT_EQ(run_with(head + kSecret + "\n\n", erase).status, 0);
  ASSERT_EQ(asked("Agent.ReportInvalid").size(), 1U);
  expect_in(asked("Agent.ReportInvalid")[0], R"("token":"t-1")");
  EXPECT_EQ(run_with(head + "an-older-one\n\n", erase).status, 0);
  EXPECT_EQ(run_with("protocol=https\nhost=git.example.com\n\n", erase).status, 0);
  EXPECT_EQ(run_with("protocol=https\nhost=evil.example\npassword=x\n\n", erase).status, 0);
  EXPECT_EQ(asked("Agent.ReportInvalid").size(), 1U);
  EXPECT_EQ(asked("Agent.GetToken").size(), 2U);
}

TEST_F(Git, has_its_operation_behind_all_options) {
  on("Agent.OpenSession", opened());
  lends();
  on("Agent.CloseSession", reply_frame("{}"));
  std::vector<std::string> arguments = kNamed;
  arguments.insert(arguments.end() - 1, {"--as-user", "https://i.example", "alice"});
  expect_in(run_with(kGitAsks, arguments).out, kSecret);
}

TEST_F(Git, stores_nothing_and_lets_later_operations_be) {
  for (const char* operation : {"store", "of-a-later-version"}) {
    std::vector<std::string> arguments = kNamed;
    arguments.back() = operation;
    const Ran ran = run_with(std::string(kGitAsks), arguments);
    EXPECT_EQ(ran.status, 0);
    EXPECT_EQ(ran.out, "");
  }
  expect_in(run({"git-credential", "capability"}).out, "capability authtype");
  EXPECT_TRUE(server_->calls().empty());
}

TEST_F(Git, is_a_program_of_its_own_name) {
  lends();
  program_.called("git-credential-reeve");
  const Ran ran =
      run_with(kGitAsks, {"--provider", "github", "--url", "https://git.example.com", "get"});
  expect_in(ran.out, "username=x-access-token\n");
}

TEST_F(Docker, answers_for_the_registries_that_are_named) {
  std::ofstream(directory_ / "map") << "# registry provider\nghcr.io github octo read:packages\n"
                                       "registry.gitlab.com:5050 gitlab\n";
  lends(2);
  program_.called("docker-credential-reeve").with("REEVE_DOCKER_REGISTRIES=" + directory_ / "map");
  EXPECT_EQ(
      run_with("ghcr.io\n", {"get"}).out,
      std::string(R"({"ServerURL":"ghcr.io","Username":"octo","Secret":")") + kSecret + "\"}\n");
  expect_in(asked("Agent.GetToken").at(0), R"("scopes":["read:packages"])");
  expect_in(run_with("https://registry.gitlab.com:5050/v2/", {"get"}).out,
            R"("Username":"oauth2")");
  EXPECT_EQ(run({"list"}).out, "{\"ghcr.io\":\"octo\",\"registry.gitlab.com:5050\":\"oauth2\"}\n");
  for (const char* other : {"evil.example", "ghcr.io.evil.example", "ghcr.io:444", "", "::"}) {
    const Ran ran = run_with(other, {"get"});
    EXPECT_EQ(ran.status, 1);
    EXPECT_EQ(ran.out, "credentials not found in native keychain\n") << "the client knows this";
  }
  EXPECT_EQ(asked("Agent.GetToken").size(), 2U);
}

TEST_F(Docker, stores_nothing_and_says_so) {
  const Ran ran = run_with(R"({"ServerURL":"ghcr.io","Username":"u","Secret":"s"})",
                           {"docker-credential", "store"});
  EXPECT_EQ(ran.status, 1);
  expect_in(ran.out, "nothing is stored here");
  EXPECT_EQ(run_with("ghcr.io", {"docker-credential", "erase"}).status, 0);
  EXPECT_EQ(run_with("ghcr.io", {"docker-credential", "other"}).status, 2);
}

TEST_F(Docker, believes_no_map_that_others_may_write) {
  std::ofstream(directory_ / "map") << "ghcr.io github\n";
  ::chmod((directory_ / "map").c_str(), 0666);
  const Ran open =
      run_with("ghcr.io", {"docker-credential", "--registries", directory_ / "map", "get"});
  EXPECT_EQ(open.status, 1);
  expect_in(open.out, "chmod go-w");
  std::ofstream(directory_ / "half") << "ghcr.io\n";
  expect_in(
      run_with("ghcr.io", {"docker-credential", "--registries", directory_ / "half", "get"}).out,
      "half:1");
  expect_in(run_with("ghcr.io", {"docker-credential", "get"}).out,
            "/.config/reeve/docker-registries");
  EXPECT_TRUE(server_->calls().empty());
}

TEST_F(Kubectl, answers_as_exec_credential) {
  lends(2);
  EXPECT_EQ(
      run({"kubectl-credential", "cluster"}).out,
      std::string(R"({"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential",)"
                  R"("status":{"expirationTimestamp":"2033-05-18T03:33:19Z","token":")") +
          kSecret + "\"}}\n");
  program_.with(R"(KUBERNETES_EXEC_INFO={"apiVersion":"client.authentication.k8s.io/v1beta1",)"
                R"("kind":"ExecCredential","spec":{"interactive":false,"cluster":{"server":)"
                R"("https://k8s.example:6443"}}})");
  expect_in(run({"kubectl-credential", "cluster", "--server", "https://k8s.example:6443"}).out,
            "k8s.io/v1beta1");
  const Ran other = run({"kubectl-credential", "cluster", "--server", "https://k8s.example"});
  EXPECT_EQ(other.status, 4);
  EXPECT_EQ(other.out, "");
  EXPECT_EQ(asked("Agent.GetToken").size(), 2U);
}

TEST_F(Kubectl, refuses_what_it_does_not_speak) {
  for (const char* info : {R"({"apiVersion":"client.authentication.k8s.io/v9"})", "[]", "x",
                           R"({"apiVersion":"v1","kind":"Pod"})"}) {
    Program program = program_;
    std::swap(program, program_);
    program_.with(std::string("KUBERNETES_EXEC_INFO=") + info);
    EXPECT_NE(run({"kubectl-credential", "cluster"}).status, 0) << info;
    std::swap(program, program_);
  }
  const Ran unnamed = run({"kubectl-credential", "cluster", "--server", "https://k8s.example"});
  EXPECT_EQ(unnamed.status, 4);
  expect_in(unnamed.err, "provideClusterInfo");
  EXPECT_TRUE(server_->calls().empty());
}

TEST_F(Aws, sends_no_token_where_it_could_be_read) {
  lends();
  const Ran ran = run({"aws-credential-process", "idp", "--role-arn", "arn:aws:iam::1:role/r",
                       "--sts-url", "http://sts.example.com/"});
  EXPECT_EQ(ran.status, 2);
  expect_in(ran.err, "https");
  EXPECT_EQ(run({"aws-credential-process", "idp"}).status, 2);
}

TEST_F(Watch, prints_events_to_the_streams_end) {
  on("Agent.Watch", reply_frame(R"({"event":"ready"})", true) +
                        reply_frame(R"({"event":"token_refreshed","provider":"github"})", true) +
                        reply_frame(R"({"event":"session_ended"})"));
  const Ran ran = run({"watch"});
  EXPECT_EQ(ran.out, "ready\ntoken_refreshed provider=github\nsession_ended\n") << ran.err;
  EXPECT_EQ(ran.status, 0);
}

TEST_F(Watch, goes_on_when_the_daemon_is_back) {
  on("Agent.Watch", reply_frame(R"({"event":"ready"})", true));
  on("Agent.Watch", "");
  on("Agent.Watch",
     reply_frame(R"({"event":"ready"})", true) + error_frame("io.reeve.Agent.SessionInvalid"));
  const Ran ran = run({"watch", "--json"});
  EXPECT_EQ(ran.out, "{\"event\":\"ready\"}\n{\"event\":\"ready\"}\n");
  EXPECT_EQ(ran.status, 1);
  EXPECT_EQ(run({"watch", "--socket", "/nowhere"}).status, 1);
}

}  // namespace
}  // namespace reeve::test
