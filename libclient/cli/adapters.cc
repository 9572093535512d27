#include "cli/adapters.h"

#include <algorithm>
#include <cstring>

#include "cli/arguments.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

void add_exec(CLI::App& app, Options& options) {
  ExecOptions& exec = options.adapters.exec;
  CLI::App* verb =
      add_verb(app, options, "exec", "Run the program behind -- with a token", &cli::exec);
  text(verb, "--provider", options.token.provider, "Whose token")->required();
  text(verb, "--env", exec.env, "The variable that holds it");
  verb->add_flag("--file", exec.file, "A file that holds it: {} in COMMAND becomes its name");
  add_token_options(verb, options.token);
}

void add_git(CLI::App& app, Options& options) {
  GitOptions& git = options.adapters.git;
  CLI::App* verb =
      add_verb(app, options, "git-credential", "Be git's credential helper", &cli::git_credential);
  text(verb, "--provider", git.provider, "Whose token, for the URLs given");
  repeated(verb, "--url", git.urls, "Answer for this host or repository; may be repeated")
      ->type_name("URL");
  text(verb, "--username", git.username, "The user name that goes with it");
  add_token_options(verb, options.token);
  verb->add_option("OPERATION", git.operation, "get, store, erase: git says which")
      ->required()
      ->type_name(" ");
}

void add_docker(CLI::App& app, Options& options) {
  DockerOptions& docker = options.adapters.docker;
  CLI::App* verb = add_verb(app, options, "docker-credential", "Be docker's credential helper",
                            &cli::docker_credential);
  text(verb, "--registries", docker.map, "Which registry gets whose token")->type_name("FILE");
  add_token_options(verb, options.token);
  verb->add_option("OPERATION", docker.operation, "get, list, store, erase: docker says which")
      ->required()
      ->check(CLI::IsMember({"get", "list", "store", "erase", "version"}))
      ->type_name(" ");
}

void add_aws(CLI::App& app, Options& options) {
  AwsOptions& aws = options.adapters.aws;
  CLI::App* verb = add_verb(app, options, "aws-credential-process",
                            "Be the credential_process of AWS's tools", &cli::aws_credential);
  add_provider(verb, options.token);
  text(verb, "--role-arn", aws.role_arn, "The role to assume")->required()->type_name("ARN");
  text(verb, "--sts-url", aws.sts_url, "The Security Token Service")->type_name("URL");
  text(verb, "--session-name", aws.session_name, "How the role's records name this");
  verb->add_option("--duration", aws.duration, "How long the credentials live")
      ->check(CLI::Range(900, 43200))
      ->type_name("SECONDS");
  add_token_options(verb, options.token);
}

void add_kubectl(CLI::App& app, Options& options) {
  CLI::App* verb = add_verb(app, options, "kubectl-credential", "Be kubectl's credential plugin",
                            &cli::kubectl_credential);
  add_provider(verb, options.token);
  text(verb, "--server", options.adapters.kubectl.server, "Answer for this cluster only")
      ->type_name("URL");
  add_token_options(verb, options.token);
}

}  // namespace

void add_adapters(CLI::App& app, Options& options) {
  CLI::App* header =
      add_verb(app, options, "header", "Print a token as a header of HTTP", &cli::header);
  add_provider(header, options.token);
  add_token_options(header, options.token);
  CLI::App* watch =
      add_verb(app, options, "watch", "Print what happens to a session's tokens", &cli::watch);
  add_identity(watch, options.token.identity);
  add_exec(app, options);
  add_git(app, options);
  add_docker(app, options);
  add_aws(app, options);
  add_kubectl(app, options);
}

std::vector<std::string> take_command(std::vector<char*>& words) {
  const auto is = [](const char* text) {
    return [text](const char* word) { return std::strcmp(word, text) == 0; };
  };
  const auto mark = std::find_if(words.begin(), words.end(), is("--"));
  if (mark == words.end() || std::none_of(words.begin(), mark, is("exec"))) return {};
  std::vector<std::string> command(mark + 1, words.end());
  words.erase(mark, words.end());
  return command;
}

const char* verb_of_program(const char* path) {
  const char* slash = std::strrchr(path, '/');
  const char* name = slash == nullptr ? path : slash + 1;
  if (std::strcmp(name, "git-credential-reeve") == 0) return "git-credential";
  if (std::strcmp(name, "docker-credential-reeve") == 0) return "docker-credential";
  return nullptr;
}

}  // namespace reeve::cli
