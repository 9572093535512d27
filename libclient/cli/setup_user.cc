// setup user: the first configuration of a daemon of one's own: where it keeps things, its master
// key, and that the programs of this user may ask.
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "cli/check.h"
#include "cli/failure.h"
#include "cli/own.h"
#include "cli/own_port.h"
#include "cli/setup_place.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

// As a TOML literal string.
std::string literal(const std::string& path) {
  if (path.find_first_of("'\n\r") != std::string::npos)
    throw Failure(kFailed, plain(path) + " has a character in it that setup cannot write");
  return "'" + path + "'";
}

std::string url_at(int port) { return "http://127.0.0.1:" + std::to_string(port); }

std::string configuration(const std::string& state, const std::string& key, int port) {
  const std::string uid = std::to_string(::geteuid());
  return "# Written by `reeve setup user`; yours to change. See reeve.toml(5).\n"
         "[daemon]\nstate_directory = " +
         literal(state) + "\nruntime_directory = " + literal(own::runtime_directory()) +
         "\n\n[vault]\nmaster_key = { file = " + literal(key) +
         " }\n\n# Where reeve-bind.socket of your service manager listens. Providers know it, by\n"
         "# the redirect URIs.\n"
         "[binding.main]\nurl = \"" +
         url_at(port) +
         "\"\n\n"
         "# You, in your terminals and in all programs that run as you, in no container. They\n"
         "# may act for you, and open your browser to ask you (prove_user). allow: what they\n"
         "# may have, { provider = \"github\" } say.\n"
         "[workload.me]\nmatch = { uid = " +
         uid + " }\nunix = true\nprove_user = true\nallow = []\n";
}

}  // namespace

int setup_user(const Options& options) {
  if (::geteuid() == 0) {
    throw Failure(kUsage,
                  "this is for a user's own daemon; root's is the system's: `reeve setup key`");
  }
  const SetupPlace place(true);
  const std::string state = own::state_directory(), name = "master-key";
  const std::string key = place.directory() + "/credentials/" + name;
  const auto there = [](const std::string& path) { return std::filesystem::exists(path); };
  if (there(place.main_file()))
    throw Failure(kFailed, place.main_file() + " is there already: change it, or move it away");
  // Never a new key beside a vault that it would not open.
  if (there(state + "/vault.db") && !place.has_secret(name)) {
    throw Failure(kFailed, "there is a vault in " + state + ", but not its key " + key +
                               ": bring the key back, or move the vault and its audit away");
  }
  const int port = choose_own_port(options.setup.port);
  std::error_code error;
  std::filesystem::create_directories(state, error);
  if (error || ::chmod(state.c_str(), 0700) != 0)
    throw Failure(kFailed, "cannot make " + plain(state) + ": " + std::strerror(errno));
  Options asked;
  asked.setup.user = true;
  asked.setup.if_missing = true;
  setup_key(asked);
  const std::string listens = keep_own_port(port);
  write_whole(place.main_file(), configuration(state, key, port), 0600);
  const CheckOutcome outcome = check_configuration(place.check_options());
  if (!outcome.valid) {
    ::unlink(place.main_file().c_str());
    std::string text = "the configuration would have errors, and was not written:";
    for (const std::string& line : outcome.errors) text += "\n  " + plain(line);
    throw Failure(kFailed, text);
  }
  print("wrote " + place.main_file());
  print("wrote " + listens);
  print("your browser will reach it at " + url_at(port));
  print("next: systemctl --user enable --now reeved.socket reeve-bind.socket");
  print("then: reeve setup provider NAME --user, and name it in [workload.me] allow");
  return kOk;
}

}  // namespace reeve::cli
