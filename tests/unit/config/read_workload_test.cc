#include "config_fixture.h"

namespace reeve {
namespace {

const std::string start =
    binding + issuer + provider + "scopes = [\"r\"]\nresources = [\"urn:a\"]\n" + "[workload.w]\n";
const std::string match = "match = { uid = 7 }\n";

WorkloadConfig workload(const std::string& text) {
  const Config config = accepted(start + text);
  const auto found = config.workloads.find("w");
  return found == config.workloads.end() ? WorkloadConfig() : found->second;
}

TEST(ReadWorkload, reads_all_kinds_of_evidence) {
  const WorkloadMatch read = workload(R"(
[workload.w.match]
uid = ["alice", 5, "6", 1001]
gid = 7
group = ["agents"]
unit = ["a.service", "b@*.service", "c@1.service"]
cgroup = "/x.slice/y"
container = ["podman:ab12", "docker:*", "*", "rootless"]
)")
                                 .match;
  EXPECT_EQ(read.uids, (std::vector<uid_t>{1001, 5, 6}));
  EXPECT_EQ(read.gids, std::vector<gid_t>{7});
  EXPECT_EQ(read.groups, std::vector<gid_t>{2000});
  EXPECT_EQ(read.units, (Lines{"a.service", "b@*.service", "c@1.service"}));
  EXPECT_EQ(read.cgroups, Lines{"/x.slice/y"});
  EXPECT_EQ(read.containers, (Lines{"podman:ab12", "docker:*", "*", "rootless"}));
}

TEST(ReadWorkload, refuses_evidence_that_could_match_too_much) {
  for (const char* wrong : {"",
                            "match = {}",
                            "match = { uid = [] }",
                            "match = { uid = \"bob\" }",
                            "match = { uid = -1 }",
                            "match = { uid = 4294967295 }",
                            "match = { uid = \"\" }",
                            "match = { uid = true }",
                            "match = { unit = \"*\" }",
                            "match = { unit = \"*.service\" }",
                            "match = { unit = \"a*.service\" }",
                            "match = { unit = \"a@*\" }",
                            "match = { unit = \"@*.service\" }",
                            "match = { unit = \"a@*x.service\" }",
                            "match = { unit = \"a@x*.service\" }",
                            "match = { unit = \"a@*.*\" }",
                            "match = { unit = \"a\" }",
                            "match = { unit = \"a/b.service\" }",
                            "match = { unit = [] }",
                            "match = { unit = \"\" }",
                            "match = { cgroup = \"x\" }",
                            "match = { cgroup = \"/\" }",
                            "match = { cgroup = \"/x/../y\" }",
                            "match = { cgroup = \"/x/\" }",
                            "match = { container = \"podman\" }",
                            "match = { container = \":ab\" }",
                            "match = { container = \"podman:a*\" }",
                            "match = { container = \"rootless\" }",
                            "match = { pid = 7 }",
                            "match = \"alice\""}) {
    EXPECT_GE(errors_of(start + wrong + "\n").size(), 1U) << wrong;
  }
}

TEST(ReadWorkload, reads_what_it_may) {
  const WorkloadConfig read = workload(match + R"(
issuer.corp = { audiences = ["a", "b"] }
assert = ["corp"]
unix = true
return_urls = ["https://x.example/a?b", "http://localhost:3000/"]
session_lifetime = 60
share = "team"
allow = [{ provider = "p" }, { provider = "p", scopes = [], resources = ["urn:a"] }]
)");
  EXPECT_EQ(read.issuers.at("corp").audiences, (Lines{"a", "b"}));
  EXPECT_EQ(read.asserts, Lines{"corp"});
  EXPECT_TRUE(read.unix_user);
  EXPECT_EQ(read.return_urls.size(), 2U);
  EXPECT_EQ(read.session_lifetime, 60);
  EXPECT_EQ(read.share, "team");
  EXPECT_FALSE(read.allow.at(0).scopes);
  EXPECT_EQ(read.allow.at(1).scopes, Lines{});
  EXPECT_EQ(read.allow.at(1).resources, Lines{"urn:a"});
}

TEST(ReadWorkload, reads_tables_written_with_headers_too) {
  const WorkloadConfig read = workload(
      match +
      "[workload.w.issuer.corp]\naudiences = [\"a\"]\n[[workload.w.allow]]\nprovider = \"p\"\n");
  EXPECT_EQ(read.issuers.at("corp").audiences, Lines{"a"});
  EXPECT_EQ(read.allow.size(), 1U);
}

TEST(ReadWorkload, names_what_is_dangling) {
  EXPECT_EQ(
      errors_of(
          start + match +
          "issuer.no = { audiences = [\"a\"] }\nassert = [\"gone\"]\n"
          "allow = [{ provider = \"none\" }, { provider = \"p\", resources = [\"urn:b\"] }]\n"),
      (Lines{"f:13: [workload.w] issuer: expected the name of an issuer: there is no [issuer.no]",
             "f:14: [workload.w] assert: expected the name of an issuer: there is no "
             "[issuer.gone]",
             "f:15: [workload.w] allow: expected the name of a provider: there is no "
             "[provider.none]",
             "f:15: [workload.w] allow: [provider.p] resources does not list urn:b"}));
}

TEST(ReadWorkload, refuses_what_is_wrong) {
  for (const char* wrong : {"issuer = \"corp\"",
                            "issuer.corp = {}",
                            "issuer.corp = { audiences = [] }",
                            "issuer.corp = { audiences = \"a\" }",
                            "issuer.corp = { audiences = [\"a\"], x = 1 }",
                            "assert = \"corp\"",
                            "unix = \"yes\"",
                            "return_urls = [\"http://x.example\"]",
                            "return_urls = [\"/relative\"]",
                            "return_urls = [\"https://x.example/#a\"]",
                            "session_lifetime = 10",
                            "session_lifetime = 1000000",
                            "share = \"a b\"",
                            "allow = [{ scopes = [\"r\"] }]",
                            "allow = { provider = \"p\" }",
                            "allow = [{ provider = \"p\", scopes = \"r\" }]",
                            "allow = [{ provider = \"p\", scopes = [\"a b\"] }]",
                            "allow = [{ provider = \"p\", resources = [] }]",
                            "allow = [{ provider = \"p\", x = 1 }]",
                            "allow = [1]",
                            "nonsense = 1"}) {
    EXPECT_EQ(errors_of(start + match + wrong + "\n").size(), 1U) << wrong;
  }
}

TEST(ReadWorkload, lives_no_longer_than_the_limit) {
  EXPECT_EQ(workload(match).session_lifetime, 28800);
  EXPECT_EQ(workload(match + "[limits]\nsession_seconds = 600\n").session_lifetime, 600);
}

}  // namespace
}  // namespace reeve
