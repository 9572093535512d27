// Reads cases.txt and asks the policy of policy.toml each of its questions.
#include <fstream>
#include <map>
#include <sstream>

#include "policy_fixture.h"

namespace reeve {
namespace {

std::vector<std::string> split(const std::string& text, char mark) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, mark);) parts.push_back(part);
  return parts;
}

using Words = std::map<std::string, std::string>;

Words pairs(const std::string& text) {
  Words words;
  std::istringstream stream(text);
  for (std::string word; stream >> word;) {
    const size_t mark = word.find('=');
    words[word.substr(0, mark)] = word.substr(mark + 1);
  }
  return words;
}

void add_attested(const Words& words, Attestation& attested) {
  for (const auto& [name, value] : words) {
    if (name == "exe") attested.executable = value;
    if (name == "sha256") attested.sha256 = std::string(64, value.front());
    if (name == "image") attested.image = value;
    if (name == "digest")
      attested.image_digests.push_back("sha256:" + std::string(64, value.front()));
    if (name == "name") attested.container_name = value;
    if (name == "mountns") attested.initial_mount_namespace = value == "initial";
    if (name.starts_with("label.")) attested.labels[name.substr(6)] = value;
    if (name.starts_with("ecs-")) attested.labels["com.amazonaws.ecs." + name.substr(4)] = value;
  }
}

Peer peer_from(Words words) {
  Peer peer = peer_of(static_cast<uid_t>(std::stoul(words.at("uid"))));
  if (words.contains("gid")) peer.gid = static_cast<gid_t>(std::stoul(words["gid"]));
  for (const std::string& id : split(words["groups"], ',')) {
    peer.groups.push_back(static_cast<gid_t>(std::stoul(id)));
  }
  if (words.contains("unit")) peer.unit = words["unit"];
  if (words.contains("cgroup")) peer.cgroup = words["cgroup"];
  if (words.contains("container")) peer.container = words["container"];
  if (words.contains("pod")) peer.pod = words["pod"];
  if (words.contains("task")) peer.ecs_task = words["task"];
  if (words.contains("lsm")) peer.lsm = words["lsm"];
  peer.slices = split(words["slice"], '/');
  if (words.contains("userns")) peer.initial_user_namespace = false;
  if (words.contains("pidns")) peer.initial_pid_namespace = false;
  add_attested(words, peer.attested);
  return peer;
}

Ask ask_from(Words words) {
  Ask ask;
  ask.provider = words.at("provider");
  if (words.contains("user")) ask.user = words["user"];
  if (words.contains("subject")) ask.subject = words["subject"];
  if (words.contains("scopes")) ask.scopes = split(words["scopes"], ',');
  if (words.contains("resource")) ask.resource = words["resource"];
  return ask;
}

std::string answer(const Verdict& verdict) {
  std::string rule;
  for (const char c : verdict.rule) {
    if (c != ' ') rule += c;
  }
  std::string text = std::string(word(verdict.reason)) + " " + (rule.empty() ? "-" : rule);
  std::string scopes;
  for (const std::string& scope : verdict.scopes) scopes += (scopes.empty() ? "" : ",") + scope;
  if (!scopes.empty()) text += " " + scopes;
  if (verdict.resource) text += " resource=" + *verdict.resource;
  return text;
}

TEST(PolicyCases, give_the_verdicts_of_the_table) {
  const Policy policy(test_config());
  std::ifstream file(POLICY_TEST_DIRECTORY "/cases.txt");
  int number = 0;
  int cases = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const size_t bar = line.find(" | ");
    const size_t arrow = line.find(" -> ");
    ASSERT_NE(bar, std::string::npos) << "cases.txt:" << number;
    ASSERT_NE(arrow, std::string::npos) << "cases.txt:" << number;
    const Peer peer = peer_from(pairs(line.substr(0, bar)));
    const Ask ask = ask_from(pairs(line.substr(bar + 3, arrow - bar - 3)));
    const Verdict verdict = policy.decide(peer, ask);
    EXPECT_EQ(answer(verdict), line.substr(arrow + 4)) << "cases.txt:" << number;
    EXPECT_EQ(verdict.allowed, verdict.reason == Reason::allowed) << "cases.txt:" << number;
    ++cases;
  }
  EXPECT_GT(cases, 40);
}

}  // namespace
}  // namespace reeve
