// reeved: holds the tokens that users delegate to agents. See reeved(8).
#include <getopt.h>
#include <sys/prctl.h>

#include <csignal>
#include <cstdio>

#include "async/service_manager.h"
#include "async/signals.h"
#include "audit/verify_files.h"
#include "base/check.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "crypto/key.h"
#include "reeved/backup.h"
#include "reeved/daemon.h"
#include "reeved/version.h"

namespace {

constexpr const char* kHelp =
    "Usage: reeved [OPTION]...\n"
    "Holds the OAuth tokens that users delegate to agents, and lends them by policy.\n"
    "\n"
    "  --config FILE    the configuration (default /etc/reeve/reeve.toml, with conf.d/*.toml "
    "beside it)\n"
    "  --presets DIR    where the providers' presets lie (default /usr/share/reeve/providers)\n"
    "  --check          read the configuration, say what is wrong with it, and end\n"
    "  --restore FILE   put this backup in the place of the vault, while reeved does not run; "
    "with\n"
    "  --restore-key FILE   a key that opens it, where the master key does not\n"
    "  --audit-verify FILE  read an audit's files, say what was changed in them, and end; with\n"
    "  --audit-key FILE     the public key (default beside it), --audit-head NUMBER:CHAIN its end\n"
    "  --same-user      development: binder, fetchers and admin may be the user who runs this\n"
    "  --old-kernel     for tests: find callers as on kernels before 6.5\n"
    "  --help, --version\n"
    "\n"
    "The sockets \"agent\", \"bind\" and \"admin\" are handed over by whoever starts it "
    "(LISTEN_FDS), systemd or\n"
    "scripts/launch. See reeved(8) and reeve.toml(5).\n";

struct Arguments {
  reeve::DaemonOptions options;
  bool check = false;
  reeve::AuditToVerify audit;
  reeve::RestoreOptions restore;
  int exit_status = -1;  // 0 or more: end with it at once
};

Arguments read_arguments(int argc, char** argv) {
  Arguments arguments;
  const option known[] = {{"config", required_argument, nullptr, 'c'},
                          {"presets", required_argument, nullptr, 'p'},
                          {"check", no_argument, nullptr, 'k'},
                          {"audit-verify", required_argument, nullptr, 'a'},
                          {"audit-key", required_argument, nullptr, 'y'},
                          {"audit-head", required_argument, nullptr, 'e'},
                          {"restore", required_argument, nullptr, 'r'},
                          {"restore-key", required_argument, nullptr, 'o'},
                          {"same-user", no_argument, nullptr, 's'},
                          {"old-kernel", no_argument, nullptr, 'l'},
                          {"help", no_argument, nullptr, 'h'},
                          {"version", no_argument, nullptr, 'v'},
                          {nullptr, 0, nullptr, 0}};
  for (int found = 0; (found = ::getopt_long(argc, argv, "", known, nullptr)) != -1;) {
    switch (found) {
      case 'c': arguments.options.config_file = optarg; break;
      case 'p': arguments.options.config.preset_directory = optarg; break;
      case 'k': arguments.check = true; break;
      case 'a': arguments.audit.path = optarg; break;
      case 'y': arguments.audit.key_file = optarg; break;
      case 'e':
        arguments.audit.head = reeve::read_point(optarg);
        if (!arguments.audit.head) {
          std::fputs("reeved: --audit-head: expected NUMBER:CHAIN\n", stderr);
          arguments.exit_status = 2;
        }
        break;
      case 'r': arguments.restore.file = optarg; break;
      case 'o': arguments.restore.key_file = optarg; break;
      case 's': arguments.options.config.same_user = true; break;
      case 'l': arguments.options.attest.use_peerpidfd = false; break;
      case 'h':
        std::fputs(kHelp, stdout);
        arguments.exit_status = 0;
        break;
      case 'v':
        std::printf("reeved %s\n", reeve::kVersion);
        arguments.exit_status = 0;
        break;
      default: std::fputs("Try 'reeved --help'.\n", stderr); arguments.exit_status = 2;
    }
  }
  if (optind < argc && arguments.exit_status < 0) {
    std::fprintf(stderr, "reeved: unexpected argument '%s'; try 'reeved --help'.\n", argv[optind]);
    arguments.exit_status = 2;
  }
  return arguments;
}

int check(const reeve::DaemonOptions& options) {
  const reeve::ConfigOutcome outcome = reeve::read_config(options.config_file, options.config);
  for (const std::string& warning : outcome.warnings)
    std::fprintf(stderr, "warning: %s\n", warning.c_str());
  for (const std::string& error : outcome.errors) std::fprintf(stderr, "%s\n", error.c_str());
  if (outcome.config) {
    std::printf("%s: no errors\n", options.config_file.c_str());
    for (const auto& [table, uri] : reeve::redirect_uris(*outcome.config)) {
      std::printf("[%s] redirect_uri to register: %s\n", table.c_str(), uri.c_str());
    }
  }
  return outcome.errors.empty() ? 0 : 1;
}

int fail(const std::string& text) {
  reeve::log(reeve::Level::error, text);
  return 1;
}

int restore(const Arguments& arguments) {
  const reeve::DaemonOptions& options = arguments.options;
  const reeve::ConfigOutcome outcome = reeve::read_config(options.config_file, options.config);
  for (const std::string& error : outcome.errors) std::fprintf(stderr, "%s\n", error.c_str());
  if (!outcome.config) return 1;
  const auto done = reeve::restore_backup(*outcome.config, arguments.restore);
  if (!done) return fail(done.error().text);
  for (const std::string& note : *done) std::printf("%s\n", note.c_str());
  return 0;
}

// 0: all is as it was written; 1: it is not; 2: it could not be read.
int verify(const reeve::AuditToVerify& asked) {
  const auto report = reeve::verify_audit(asked);
  if (!report) {
    std::fprintf(stderr, "%s\n", report.error().text.c_str());
    return 2;
  }
  for (const std::string& finding : report->findings) std::printf("finding: %s\n", finding.c_str());
  for (const std::string& note : report->notes) std::printf("note: %s\n", note.c_str());
  std::printf("%s\n", report->summary.c_str());
  return report->valid ? 0 : 1;
}

int serve(const reeve::DaemonOptions& options) {
  if (!reeve::may_run()) return 1;
  auto sockets = reeve::listening_sockets();
  if (!sockets) return fail(sockets.error().text);
  if (const auto hardened = reeve::harden_process(); !hardened) return fail(hardened.error().text);
  reeve::Loop loop;
  reeve::LoadedSetup loaded = reeve::Daemon::load_setup(loop, options);
  for (const std::string& warning : loaded.warnings) reeve::log(reeve::Level::warning, warning);
  for (const std::string& error : loaded.errors) reeve::log(reeve::Level::error, error);
  if (loaded.setup == nullptr) return fail("the configuration has errors; see reeve.toml(5)");
  // The accounts were resolved while the name service could still be asked over any socket.
  if (const auto dropped = reeve::drop_network_and_exec(); !dropped)
    return fail(dropped.error().text);

  reeve::Notifier notifier(loop);
  auto daemon = reeve::Daemon::start(loop, options, std::move(loaded.setup), std::move(*sockets));
  if (!daemon) return fail(daemon.error().text);
  const auto stop = [&loop] { loop.stop(); };
  const reeve::SignalWatch terminate(loop, SIGTERM, stop), interrupt(loop, SIGINT, stop);
  const reeve::SignalWatch hangup(loop, SIGHUP, [&] {
    notifier.reloading();
    (*daemon)->reload();
    notifier.ready("serving");
  });
  notifier.ready("serving");
  reeve::log(reeve::Level::notice, "reeved " + std::string(reeve::kVersion) + " serves");
  loop.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  const Arguments arguments = read_arguments(argc, argv);
  if (arguments.exit_status >= 0) return arguments.exit_status;
  if (!reeve::crypto_init()) return fail("the system has no random source");
  if (!arguments.audit.path.empty()) return verify(arguments.audit);
  if (!arguments.restore.file.empty()) return restore(arguments);
  if (arguments.check) return check(arguments.options);
  return serve(arguments.options);
}
