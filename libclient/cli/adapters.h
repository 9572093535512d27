// What the verbs take that stand between Reeve and other programs' conventions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace reeve::cli {

struct ExecOptions {
  std::optional<std::string> env;
  bool file = false;
  std::vector<std::string> command;
};

struct GitOptions {
  std::optional<std::string> provider, username;
  std::vector<std::string> urls;
  std::string operation;
};

struct DockerOptions {
  std::optional<std::string> map;
  std::string operation;
};

struct AwsOptions {
  std::string role_arn;
  std::string sts_url = "https://sts.amazonaws.com/";
  std::optional<std::string> session_name;
  std::optional<int64_t> duration;
};

struct KubectlOptions {
  std::optional<std::string> server;
};

struct AdapterOptions {
  ExecOptions exec;
  GitOptions git;
  DockerOptions docker;
  AwsOptions aws;
  KubectlOptions kubectl;
};

struct Options;

// Adds those verbs to the command line.
void add_adapters(CLI::App& app, Options& options);

// Takes what `reeve exec` is to run from behind the first --, before anything looks at it: none of
// it is an option of ours.
std::vector<std::string> take_command(std::vector<char*>& words);

// The verb that a program of this name stands for ("git-credential-reeve"), or null.
const char* verb_of_program(const char* path);

}  // namespace reeve::cli
