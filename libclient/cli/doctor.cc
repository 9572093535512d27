// doctor: tries each part as a user would meet it, and says for each failure what to do. For the
// system's daemon, or for one's own (`reeve setup user`).
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "cli/check.h"
#include "cli/daemon.h"
#include "cli/examine.h"
#include "cli/failure.h"
#include "cli/own.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

constexpr int kProbeSeconds = 300;  // several servers, one after the other

class Doctor final {
 public:
  Doctor(const Options& options, bool own)
      : options_(options), own_(own), findings_(options.json) {}

  int examine() {
    configuration();
    own_ ? examine_own_files(findings_) : examine_system_secrets(findings_);
    directories();
    own_ ? examine_own_units(findings_) : examine_system_units(findings_);
    agents_door();
    if (operators_door()) servers();
    return findings_.end();
  }

 private:
  void configuration() {
    try {
      const CheckOutcome outcome = check_configuration(options_.check);
      for (const std::string& text : outcome.warnings) findings_.warning("configuration", text);
      for (const std::string& text : outcome.errors) {
        findings_.failed("configuration", text, mend_configuration(text));
      }
      if (outcome.valid) findings_.ok("configuration", "no errors");
    } catch (const Failure& failure) {
      findings_.failed("configuration", failure.text, "apt install reeve");
    }
  }

  std::string mend_configuration(const std::string& error) const {
    if (own_ && !std::filesystem::exists(*options_.check.file)) return "reeve setup user";
    if (own_) {
      return "mend that line; `reeve check --same-user " + *options_.check.file +
             "` looks again; then systemctl --user reload reeved";
    }
    return error.find("this host has no") != std::string::npos
               ? "systemd-sysusers reeve.conf makes the users of the package"
               : "mend that line; `reeve check` looks again";
  }

  // Who can write there could put a false daemon there (W8).
  void directories() {
    for (std::filesystem::path path = std::filesystem::path(options_.socket).parent_path();
         path.has_relative_path(); path = path.parent_path()) {
      struct stat seen = {};
      if (::lstat(path.c_str(), &seen) != 0) {
        findings_.failed(path.string(), std::strerror(errno),
                         own_ ? kBeginOwn
                              : "systemd-tmpfiles --create reeve.conf; systemctl restart "
                                "reeved.socket");
        return;
      }
      if ((seen.st_mode & 022) != 0 && (seen.st_mode & S_ISVTX) == 0) {
        findings_.failed(path.string(), "others can write there, and put a false daemon there",
                         "chmod go-w " + path.string());
      }
    }
  }

  void agents_door() {
    try {
      const Value reply = Daemon(Daemon::Door::agent, options_).call("WhoAmI");
      const auto workload = reply.text("workload");
      const std::string answers = "the daemon answers; this process is ";
      if (workload) findings_.ok(options_.socket, answers + *workload);
      else if (!own_)
        findings_.ok(options_.socket, answers + "no workload, as it should be for an operator");
      else
        findings_.warning(options_.socket, answers + "no workload: it may ask for nothing",
                          "a [workload.NAME] in reeve.toml with match = { uid = " +
                              std::to_string(::geteuid()) + " }");
    } catch (const Failure& failure) {
      findings_.failed(options_.socket, failure.text,
                       own_ ? kBeginOwn : "systemctl enable --now reeved.socket");
    }
  }

  bool operators_door() {
    try {
      const Value reply = Daemon(Daemon::Door::admin, options_).call("Status");
      findings_.ok(options_.admin_socket, "reeved " + reply.text("version").value_or("?"));
      for (const std::string& problem : reply.texts("problems"))
        findings_.warning("status", problem);
      if (reply.flag("unseparated") && !own_)
        findings_.warning("status", "unseparated: for development only");
      return true;
    } catch (const Failure& failure) {
      findings_.failed(options_.admin_socket, failure.text, own_ ? kBeginOwn : "");
      return false;
    }
  }

  void servers() {
    try {
      const Daemon daemon(Daemon::Door::admin, options_, kProbeSeconds);
      const auto take = [this](const Value& reply) {
        const Value* found = reply.find("finding");
        if (found == nullptr) return true;
        findings_.tell(found->text("outcome").value_or("failed"), found->text("part").value_or("?"),
                       found->text("text").value_or(""), found->text("advice").value_or(""));
        return true;
      };
      daemon.stream(
          "Probe", Value(), [&daemon] { return daemon.timeout_ms(); }, take);
    } catch (const Failure& failure) {
      findings_.failed("servers", failure.text,
                       own::systemctl(options_.socket) + " status 'reeve-fetch@*'");
    }
  }

  const Options& options_;
  const bool own_;
  Findings findings_;
};

// The caller's own daemon is meant: by its socket or, where none is named, by its configuration.
bool means_own(const Options& options) {
  if (::geteuid() == 0) return false;
  if (options.socket == own::runtime_directory() + "/agent.sock") return true;
  return !options.socket_named &&
         std::filesystem::exists(own::configuration_directory() + "/reeve.toml");
}

}  // namespace

int doctor(const Options& options) {
  if (!means_own(options)) return Doctor(options, false).examine();
  Options asked = options;
  asked.socket = own::runtime_directory() + "/agent.sock";
  if (asked.admin_socket == kSystemAdminSocket)
    asked.admin_socket = own::runtime_directory() + "/admin.sock";
  asked.check.file = own::configuration_directory() + "/reeve.toml";
  asked.check.same_user = true;
  return Doctor(asked, true).examine();
}

}  // namespace reeve::cli
