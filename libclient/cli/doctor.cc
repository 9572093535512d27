// doctor: tries each part as a user would meet it, and says for each failure what to do.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "cli/check.h"
#include "cli/daemon.h"
#include "cli/failure.h"
#include "cli/run.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

constexpr int kProbeSeconds = 300;  // several servers, one after the other

class Doctor final {
 public:
  explicit Doctor(const Options& options) : options_(options) {}

  int examine() {
    configuration();
    secrets();
    directories();
    units();
    agents_door();
    if (operators_door()) servers();
    if (options_.json) print(Value::of(findings_).dump());
    else if (failures_ == 0) print("nothing is wrong");
    else print(std::to_string(failures_) + " to mend");
    return failures_ == 0 ? kOk : kFailed;
  }

 private:
  void tell(const std::string& outcome, const std::string& part, const std::string& text,
            const std::string& advice = "") {
    if (outcome == "failed") ++failures_;
    Value finding;
    finding.set("part", part).set("outcome", outcome).set("text", text);
    if (!advice.empty()) finding.set("advice", advice);
    findings_.push_back(std::move(finding));
    if (options_.json) return;
    print((outcome == "ok"       ? "ok       "
           : outcome == "failed" ? "FAILED   "
                                 : "warning  ") +
          plain(part) + ": " + plain(text));
    if (!advice.empty()) print("         " + plain(advice));
  }

  void configuration() {
    try {
      const CheckOutcome outcome = check_configuration(options_.check);
      for (const std::string& warning : outcome.warnings) tell("warning", "configuration", warning);
      for (const std::string& error : outcome.errors) {
        const bool no_user = error.find("this host has no") != std::string::npos;
        tell("failed", "configuration", error,
             no_user ? "systemd-sysusers reeve.conf makes the users of the package"
                     : "mend that line; `reeve check` looks again");
      }
      if (outcome.valid) tell("ok", "configuration", "no errors");
    } catch (const Failure& failure) {
      tell("failed", "configuration", failure.text, "apt install reeve");
    }
  }

  // Only root can look into it.
  void secrets() {
    const std::string directory = "/etc/reeve/credentials";
    std::error_code error;
    std::filesystem::directory_iterator entry(directory, error);
    if (error) return;
    private_to_root(directory, 0077, "chmod 0700 ");
    bool plain_key = false, sealed_key = false;
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
      private_to_root(entry->path().string(), 0077, "chmod 0600 ");
      if (entry->path().extension() == ".cred") opens(entry->path());
      plain_key |= entry->path().filename() == "master-key";
      sealed_key |= entry->path().filename() == "master-key.cred";
    }
    if (sealed_key) tell("ok", "master key", "sealed to this machine");
    else if (plain_key)
      tell("warning", "master key",
           directory + "/master-key is not sealed: who takes the disk has it",
           "systemd-creds encrypt --name=master-key " + directory + "/master-key " + directory +
               "/master-key.cred, and load that with LoadCredentialEncrypted=");
    else tell("failed", "master key", "there is none in " + directory, "reeve setup key");
  }

  void private_to_root(const std::string& path, mode_t forbidden, const std::string& repair) {
    struct stat seen = {};
    if (::lstat(path.c_str(), &seen) != 0) return;
    if (seen.st_uid != 0) {
      tell("failed", path, "belongs to uid " + std::to_string(seen.st_uid) + ", not to root",
           "chown root:root " + path);
    } else if ((seen.st_mode & forbidden) != 0) {
      tell("failed", path, "others than its owner may use it", repair + path);
    }
  }

  // As systemd does before it starts reeved.
  void opens(const std::filesystem::path& sealed) {
    const std::string name = sealed.stem().string(), path = sealed.string();
    try {
      Ran ran = run({"systemd-creds", "decrypt", "--name=" + name, path, "-"});
      if (!ran.ok()) {
        tell("failed", path, "this machine does not open it: " + last_line(ran.said),
             "with a copy of the secret on standard input: systemd-creds encrypt --name=" + name +
                 " - " + path + "; systemctl restart reeved");
      }
      ::explicit_bzero(ran.said.data(), ran.said.size());
    } catch (const Failure& failure) {
      tell("failed", path, failure.text, "apt install systemd");
    }
  }

  static std::string last_line(std::string text) {
    while (!text.empty() && text.back() == '\n') text.pop_back();
    const size_t begin = text.rfind('\n');
    return begin == std::string::npos ? text : text.substr(begin + 1);
  }

  // Who can write there could put a false daemon there (W8).
  void directories() {
    for (std::filesystem::path path = std::filesystem::path(options_.socket).parent_path();
         path.has_relative_path(); path = path.parent_path()) {
      struct stat seen = {};
      if (::lstat(path.c_str(), &seen) != 0) {
        tell("failed", path.string(), std::strerror(errno),
             "systemd-tmpfiles --create reeve.conf; systemctl restart reeved.socket");
        return;
      }
      if ((seen.st_mode & 022) != 0 && (seen.st_mode & S_ISVTX) == 0) {
        tell("failed", path.string(), "others can write there, and put a false daemon there",
             "chmod go-w " + path.string());
      }
    }
  }

  // What systemd has given up: a port that another program has, a daemon that does not start.
  void units() {
    if (::access("/run/systemd/system", F_OK) != 0) return;
    for (const std::string name :
         {"reeved.socket", "reeved-bind.socket", "reeved-admin.socket", "reeve-attest.socket",
          "reeve-bind.socket", "reeved.service", "reeve-attest.service", "reeve-bind.service",
          "reeve-fetch@issuers.service", "reeve-fetch@providers.service"}) {
      if (run({"systemctl", "is-failed", "--quiet", name}).status != 0) continue;
      const bool socket = name.ends_with(".socket");
      const std::string why = "journalctl -n 20 -u " + name;
      tell("failed", name, socket ? "it does not listen" : "it does not stay up",
           name != "reeve-bind.socket" ? why
                                       : "ss -ltnp says which program has its port; " + why +
                                             "; another address: systemctl edit " + name +
                                             ", with an empty ListenStream= before the new one");
    }
  }

  void agents_door() {
    try {
      const Value reply = Daemon(Daemon::Door::agent, options_).call("WhoAmI");
      tell("ok", options_.socket,
           "the daemon answers; this process is " + reply.text("workload")
                                                        .value_or("no workload, as it should be "
                                                                  "for an operator"));
    } catch (const Failure& failure) {
      tell("failed", options_.socket, failure.text, "systemctl enable --now reeved.socket");
    }
  }

  bool operators_door() {
    try {
      const Value reply = Daemon(Daemon::Door::admin, options_).call("Status");
      tell("ok", options_.admin_socket, "reeved " + reply.text("version").value_or("?"));
      for (const std::string& problem : reply.texts("problems")) tell("warning", "status", problem);
      if (reply.flag("unseparated")) tell("warning", "status", "unseparated: for development only");
      return true;
    } catch (const Failure& failure) {
      tell("failed", options_.admin_socket, failure.text);
      return false;
    }
  }

  void servers() {
    try {
      const Daemon daemon(Daemon::Door::admin, options_, kProbeSeconds);
      const auto take = [this](const Value& reply) {
        const Value* found = reply.find("finding");
        if (found == nullptr) return true;
        tell(found->text("outcome").value_or("failed"), found->text("part").value_or("?"),
             found->text("text").value_or(""), found->text("advice").value_or(""));
        return true;
      };
      daemon.stream(
          "Probe", Value(), [&daemon] { return daemon.timeout_ms(); }, take);
    } catch (const Failure& failure) {
      tell("failed", "servers", failure.text, "systemctl status 'reeve-fetch@*'");
    }
  }

  const Options& options_;
  Value::List findings_;
  int failures_ = 0;
};

}  // namespace

int doctor(const Options& options) { return Doctor(options).examine(); }

}  // namespace reeve::cli
