#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "cli/examine.h"
#include "cli/failure.h"
#include "cli/run.h"

namespace reeve::cli {
namespace {

// As systemd does before it starts reeved.
void opens(const std::filesystem::path& sealed, Findings& findings) {
  const std::string name = sealed.stem().string(), path = sealed.string();
  try {
    Ran ran = run({"systemd-creds", "decrypt", "--name=" + name, path, "-"});
    if (!ran.ok()) {
      findings.failed(path, "this machine does not open it: " + last_line(ran.said),
                      "with a copy of the secret on standard input: systemd-creds encrypt --name=" +
                          name + " - " + path + "; systemctl restart reeved");
    }
    ::explicit_bzero(ran.said.data(), ran.said.size());
  } catch (const Failure& failure) {
    findings.failed(path, failure.text, "apt install systemd");
  }
}

}  // namespace

std::string last_line(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const size_t begin = text.rfind('\n');
  return begin == std::string::npos ? text : text.substr(begin + 1);
}

void examine_system_secrets(Findings& findings) {
  const std::string directory = "/etc/reeve/credentials", key = directory + "/master-key";
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  if (error) return;
  findings.closed(directory, 0);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
    findings.closed(entry->path().string(), 0);
    if (entry->path().extension() == ".cred") opens(entry->path(), findings);
  }
  if (std::filesystem::exists(key + ".cred")) findings.ok("master key", "sealed to this machine");
  else if (std::filesystem::exists(key))
    findings.warning("master key", key + " is not sealed: who takes the disk has it",
                     "systemd-creds encrypt --name=master-key " + key + " " + key +
                         ".cred, and load that with LoadCredentialEncrypted=");
  else findings.failed("master key", "there is none in " + directory, "reeve setup key");
}

// What systemd has given up: a port that another program has, a daemon that does not start.
void examine_system_units(Findings& findings) {
  if (::access("/run/systemd/system", F_OK) != 0) return;
  for (const std::string name :
       {"reeved.socket", "reeved-bind.socket", "reeved-admin.socket", "reeve-attest.socket",
        "reeve-bind.socket", "reeved.service", "reeve-attest.service", "reeve-bind.service",
        "reeve-fetch@issuers.service", "reeve-fetch@providers.service"}) {
    if (run({"systemctl", "is-failed", "--quiet", name}).status != 0) continue;
    const bool socket = name.ends_with(".socket");
    const std::string why = "journalctl -n 20 -u " + name;
    findings.failed(name, socket ? "it does not listen" : "it does not stay up",
                    name != "reeve-bind.socket"
                        ? why
                        : "ss -ltnp says which program has its port; " + why +
                              "; another address: systemctl edit " + name +
                              ", with an empty ListenStream= before the new one");
  }
}

}  // namespace reeve::cli
