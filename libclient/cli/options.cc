// The command line, by CLI11.
#include "cli/options.h"

#include "cli/adapters.h"
#include "cli/arguments.h"
#include "cli/failure.h"
#include "cli/own.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

constexpr const char* kFooter =
    "Exit status: 0 done, 1 failed, 2 usage, 3 the user must consent first, 4 denied.\n"
    "See reeve(1).";

class Reader final {
 public:
  explicit Reader(Options& options) : options_(options) {
    app_.name("reeve");
    app_.footer(kFooter);
    app_.require_subcommand(1);
    app_.fallthrough();  // the common options may stand behind the verb
    app_.set_version_flag("--version", std::string("reeve ") + REEVE_VERSION);
    app_.set_help_flag("--help,-h", "Say what this takes, and end");
    socket_ = app_.add_option("--socket", options.socket, "The agents' socket")
                  ->envname("REEVE_SOCKET")
                  ->default_val(own::socket("agent.sock").value_or(REEVE_DEFAULT_SOCKET))
                  ->type_name("PATH");
    app_.add_option("--admin-socket", options.admin_socket, "The operator's socket")
        ->envname("REEVE_ADMIN_SOCKET")
        ->default_val(own::socket("admin.sock").value_or(kSystemAdminSocket))
        ->type_name("PATH");
    app_.add_option("--timeout", options.timeout, "How long to wait for each answer")
        ->check(CLI::Range(1, 86400))
        ->type_name("SECONDS");
    app_.add_flag("--json", options.json, "Print JSON, with the field names of the interface");
    add_agent_verbs();
    add_operator_verbs();
  }

  std::optional<int> read(int argc, char** argv) {
    try {
      app_.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
      if (error.get_exit_code() == 0) return app_.exit(error);
      const std::vector<std::string> unknown = app_.remaining();
      complain("reeve: " + plain(unknown.empty() ? error.what() : "what is '" + unknown[0] + "'?"));
      complain("Try 'reeve --help', or --help behind the verb.");
      return kUsage;
    }
    options_.socket_named = socket_->count() > 0;
    return std::nullopt;
  }

 private:
  CLI::App* verb(const char* name, const char* what, int (*function)(const Options&)) {
    return add_verb(app_, options_, name, what, function);
  }

  void add_agent_verbs() {
    verb("whoami", "What the daemon sees of this process", &whoami);
    CLI::App* app = verb("token", "Print an access token of the user's", &cli::token);
    add_provider(app, options_.token);
    add_token_options(app, options_.token);
    app = verb("sign-in", "Sign you in on the pages of this host, by who you are here", &sign_in);
    app->add_option("PAGE", options_.page, "The page to go on to; by default your connections")
        ->check(not_empty)
        ->type_name(" ");
    add_adapters(app_, options_);
  }

  void add_operator_verbs() {
    verb("status", "What the daemon does and lacks", &status);
    verb("sessions", "List the open sessions", &sessions);
    verb("grants", "List what users have delegated", &grants);
    Selection& selected = options_.selection;
    CLI::App* kill = verb("kill", "End sessions", &cli::kill);
    text(kill, "--session", selected.session, "The session with this id")->type_name("ID");
    CLI::App* revoke = verb("revoke", "Revoke grants, here and at their providers", &cli::revoke);
    text(revoke, "--grant", selected.grant, "The grant with this id")->type_name("ID");
    text(revoke, "--provider", selected.provider, "Those of this provider");
    text(revoke, "--session", selected.session, "Those that this session can use")->type_name("ID");
    revoke->add_flag("--sessions", selected.sessions, "End the sessions that can use them too");
    for (CLI::App* app : {kill, revoke}) {
      text(app, "--workload", selected.workload, "Those of this workload");
      user(app, "--user", selected.user, "Those of this user");
    }
    revoke->add_flag("--yes", selected.yes, "Do not ask first");
    add_audit();
    add_upkeep();
    add_explain();
    add_setup();
    verb("doctor", "Try each part, and say what to do", &doctor);
    verb("reload", "Read the configuration again", &reload);
    CLI::App* events = verb("events", "Wait for the next audit record, and print it", &cli::events);
    events->add_flag("--follow,-f", options_.events.follow, "Go on with those that follow");
    CLI::App* check = verb("check", "Check a configuration without a daemon", &cli::check);
    CheckOptions& checked = options_.check;
    check->add_option("FILE", checked.file, "By default /etc/reeve/reeve.toml")
        ->check(not_empty)
        ->type_name(" ");
    text(check, "--presets", checked.presets, "Where the providers' presets lie")->type_name("DIR");
    check->add_flag("--same-user", checked.same_user, "As for a daemon that is started so");
  }

  void add_setup() {
    SetupOptions& setup = options_.setup;
    CLI::App* app = app_.add_subcommand("setup", "Write a part of the configuration");
    app->require_subcommand(1);
    const auto part = [&](const char* name, const char* what, int (*function)(const Options&)) {
      CLI::App* added = app->add_subcommand(name, what);
      added->callback([this, function] { options_.verb = function; });
      added->add_flag("--user", setup.user, "For a daemon of your own, without root");
      return added;
    };
    CLI::App* own = app->add_subcommand("user", "Begin a daemon of your own, without root");
    own->callback([this] { options_.verb = &setup_user; });
    own->add_option("--port", setup.port, "Where its pages are; by default the first free one")
        ->check(CLI::Range(1024, 65535))
        ->type_name("PORT");
    part("key", "Make the vault's master key", &setup_key)
        ->add_flag("--if-missing", setup.if_missing, "Nothing where there is one already");
    CLI::App* issuer = part("issuer", "Who says who a user is", &setup_issuer);
    CLI::App* provider = part("provider", "Whose tokens are lent", &setup_provider);
    for (CLI::App* server : {issuer, provider}) {
      server->add_option("NAME", setup.name, "How the configuration calls it")
          ->required()
          ->check(not_empty)
          ->type_name(" ");
      text(server, "--issuer", setup.issuer, "Its URL, exactly")->type_name("URL");
      text(server, "--client-id", setup.client_id, "Who Reeve is there")->type_name("ID");
      text(server, "--client-secret-file", setup.secret_file, "Has the secret; - is standard input")
          ->type_name("FILE");
      server->add_flag("--loopback-http", setup.loopback_http, "http to this host will do");
      server->add_flag("--private-addresses", setup.private_addresses,
                       "It is in a network of ours");
    }
    text(provider, "--preset", setup.preset, "A provider that Reeve knows; by default NAME");
    repeated(provider, "--scope", setup.scopes,
             "Asked for where an agent names none; may be repeated")
        ->type_name("SCOPE");
  }

  void add_upkeep() {
    CLI::App* app = verb("rotate", "Change the vault's keys", &cli::rotate);
    auto* which = app->add_option_group("Which", "(one of these; else the records' key)");
    which->add_flag("--master", options_.rotate.master,
                    "The master key, to the one in [vault] next_master_key");
    which->add_flag("--recovery", options_.rotate.recovery, "The recovery key; prints a new one");
    which->require_option(0, 1);
    BackupOptions& kept = options_.backup;
    const auto file = [&](CLI::App* of) {
      of->add_option("FILE", kept.file, "The backup")->required()->check(not_empty)->type_name(" ");
    };
    app = verb("backup", "Copy the vault into a file, still sealed", &cli::backup);
    file(app);
    app = verb("restore", "Put a backup in the place of the vault, while reeved does not run",
               &cli::restore);
    file(app);
    text(app, "--key", kept.key, "A key that opens it, where the master key does not")
        ->type_name("FILE");
    text(app, "--config", kept.config, "The configuration")->type_name("FILE");
    text(app, "--presets", kept.presets, "Where the providers' presets lie")->type_name("DIR");
    app->add_flag("--same-user", kept.same_user, "As for a daemon that is started so");
    app = verb("metrics", "Print figures for Prometheus", &cli::metrics);
    app->add_option("--format", options_.metrics.format, "openmetrics (by default) or prometheus")
        ->check(CLI::IsMember({"openmetrics", "prometheus"}))
        ->type_name("FORMAT");
    text(app, "--output", options_.metrics.output, "Into this file, which is replaced whole")
        ->type_name("FILE");
  }

  void add_audit() {
    AuditOptions& asked = options_.audit;
    CLI::App* audit = app_.add_subcommand("audit", "Read the audit, and check that it is whole");
    audit->require_subcommand(1);
    audit->fallthrough();
    text(audit, "--file", asked.file, "The audit's file; by default that of the daemon")
        ->type_name("FILE");
    CLI::App* app = add_verb(*audit, options_, "verify",
                             "Find what was changed, dropped, moved or cut", &cli::audit_verify);
    text(app, "--key", asked.key, "The public key, as you kept it")->type_name("FILE");
    text(app, "--head", asked.head, "A record that must be there")->type_name("NUMBER:CHAIN");
    app = add_verb(*audit, options_, "tail", "Print the last records", &cli::audit_tail);
    app->add_option("--lines,-n", asked.lines, "How many")
        ->check(CLI::Range(1, 1000000))
        ->type_name("N");
    app = add_verb(*audit, options_, "show", "Print the records that fit all of this",
                   &cli::audit_show);
    user(app, "--user", asked.user, "Of this user");
    text(app, "--workload", asked.workload, "Of this workload");
    text(app, "--provider", asked.provider, "Of this provider");
    text(app, "--grant", asked.grant, "Of the grant with this id")->type_name("ID");
    text(app, "--event", asked.event, "Of this kind");
    add_verb(*audit, options_, "key", "Print the public key that checkpoints are signed with",
             &cli::audit_key);
  }

  void add_explain() {
    ExplainOptions& asked = options_.explain;
    CLI::App* app = verb("explain", "Say what the policy decides, and why", &cli::explain);
    auto* who = app->add_option_group("Who", "(one of these)");
    who->add_option("--pid", asked.pid, "This process")->check(CLI::PositiveNumber)->type_name("N");
    repeated(who, "--evidence", asked.evidence, "A process with this; may be repeated")
        ->type_name("NAME=VALUE");
    who->require_option(1);
    text(app, "--user", asked.user, "For a user of this issuer (or unix); else for none")
        ->type_name("ISSUER-NAME");
    text(app, "--provider", asked.provider, "A token of this provider");
    repeated(app, "--scope", asked.scopes, "With this scope; may be repeated")->type_name("SCOPE");
  }

  Options& options_;
  CLI::Option* socket_ = nullptr;
  CLI::App app_{"Asks reeved, which lends agents the OAuth tokens that users delegate to them."};
};

}  // namespace

void add_provider(CLI::App* app, TokenOptions& token) {
  app->add_option("PROVIDER", token.provider, "Whose token")
      ->required()
      ->check(not_empty)
      ->type_name(" ");
}

void add_token_options(CLI::App* app, TokenOptions& token) {
  repeated(app, "--scope", token.scopes, "A scope it must have; may be repeated")
      ->type_name("SCOPE");
  text(app, "--resource", token.resource, "The API it is for")->type_name("URI");
  text(app, "--account", token.account, "Which of the user's accounts");
  app->add_option("--min-valid", token.min_valid, "How long it must still live")
      ->check(CLI::NonNegativeNumber)
      ->type_name("SECONDS");
  repeated(app, "--acr", token.acr_values, "How the user must have signed in; may be repeated")
      ->type_name("ACR");
  app->add_option("--max-age", token.max_age, "How long ago at most")
      ->check(CLI::NonNegativeNumber)
      ->type_name("SECONDS");
  app->add_flag("--fresh", token.fresh, "Ask the user again");
  app->add_flag("--wait", token.wait, "Where the user must consent, wait for that");
  add_identity(app, token.identity);
}

void add_identity(CLI::App* app, Identity& identity) {
  auto* who = app->add_option_group("For whom",
                                    "(at most one; else $REEVE_SESSION or $REEVE_USER_TOKEN_FILE)");
  text(who, "--session", identity.session, "An open session")->type_name("HANDLE");
  text(who, "--user-token-file", identity.user_token_file, "The user whose JWT is in this file")
      ->type_name("FILE");
  user(who, "--as-user", identity.as_user, "A user this workload may name itself");
  who->add_flag("--unix", identity.as_unix, "The user this process runs as");
  who->add_flag("--as-workload", identity.as_workload, "No user: the workload itself");
  who->require_option(0, 1);
}

std::optional<int> read_options(int argc, char** argv, Options& options) {
  std::vector<char*> words(argv, argv + argc);
  std::string verb;
  if (const char* name = argc > 0 ? verb_of_program(argv[0]) : nullptr) {
    verb = name;
    words.insert(words.begin() + 1, verb.data());
  }
  options.adapters.exec.command = take_command(words);
  words.push_back(nullptr);
  return Reader(options).read(static_cast<int>(words.size()) - 1, words.data());
}

}  // namespace reeve::cli
