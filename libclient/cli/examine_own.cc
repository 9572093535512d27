#include <unistd.h>

#include <filesystem>

#include "cli/examine.h"
#include "cli/own.h"
#include "cli/run.h"

namespace reeve::cli {
namespace {

constexpr const char* kSockets[] = {"reeved.socket",
                                    "reeved-bind.socket",
                                    "reeved-admin.socket",
                                    "reeve-fetch@issuers.socket",
                                    "reeve-fetch@providers.socket",
                                    "reeve-bind.socket"};
constexpr const char* kServices[] = {"reeved.service", "reeve-bind.service",
                                     "reeve-fetch@issuers.service",
                                     "reeve-fetch@providers.service"};

bool is(const char* state, const std::string& unit) {
  return run({"systemctl", "--user", std::string("is-") + state, "--quiet", unit}).ok();
}

std::string journal_of(const std::string& unit) { return "journalctl --user -n 20 -u " + unit; }

void examine_socket(const std::string& unit, Findings& findings) {
  if (is("active", unit)) return;
  if (!is("failed", unit)) findings.failed(unit, "it is not started", kBeginOwn);
  else if (unit != "reeve-bind.socket")
    findings.failed(unit, "it does not listen", journal_of(unit));
  else
    findings.failed(unit, "it does not listen",
                    "ss -ltn says whether another program has its port; " + journal_of(unit) +
                        "; another port: `systemctl --user edit " + unit +
                        "`, with an empty ListenStream= before the new one, [binding.main] url in "
                        "reeve.toml, and the new redirect URIs at the providers");
}

}  // namespace

void examine_own_files(Findings& findings) {
  const std::string state = own::state_directory();
  const std::string secrets = own::configuration_directory() + "/credentials";
  const std::string key = secrets + "/master-key";
  const uid_t uid = ::geteuid();
  findings.closed(state, uid);
  findings.closed(secrets, uid);
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(secrets, error))
    findings.closed(entry.path().string(), uid);
  if (std::filesystem::exists(key)) findings.ok("master key", "in " + key);
  else if (std::filesystem::exists(state + "/vault.db"))
    findings.failed("master key", "there is none in " + secrets,
                    "bring it back there: another one would not open the vault in " + state);
  else findings.failed("master key", "there is none in " + secrets, "reeve setup key --user");
}

void examine_own_units(Findings& findings) {
  if (::access("/run/systemd/system", F_OK) != 0) return;
  const Ran ran = run({"systemctl", "--user", "show", "-P", "Version"});
  if (!ran.ok()) {
    findings.failed("systemctl --user", last_line(ran.said),
                    "your service manager runs while you are logged in (su and sudo start none), "
                    "or always after `loginctl enable-linger`; XDG_RUNTIME_DIR must be /run/user/" +
                        std::to_string(::geteuid()));
    return;
  }
  for (const char* unit : kSockets) examine_socket(unit, findings);
  for (const char* unit : kServices) {
    if (is("failed", unit)) findings.failed(unit, "it does not stay up", journal_of(unit));
  }
  for (const char* unit : {"reeved.socket", "reeve-bind.socket"}) {
    if (!is("enabled", unit))
      findings.warning(unit, "it is not there again when your service manager starts next",
                       kBeginOwn);
  }
}

}  // namespace reeve::cli
