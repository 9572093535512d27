// setup: writes one part of the configuration, checks the whole with it, and has the daemon take
// it. What goes wrong leaves everything as it was.
#include <sys/random.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "cli/check.h"
#include "cli/daemon.h"
#include "cli/failure.h"
#include "cli/setup_place.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

constexpr size_t kSecretLimit = 16384;
constexpr const char* kPresets = "/usr/share/reeve/providers/";

bool valid_name(const std::string& name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

// A TOML basic string.
std::string quoted(const std::string& text) {
  std::string made = "\"";
  for (const char c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
      throw Failure(kUsage, "a value with a control character cannot be written");
    }
    if (c == '"' || c == '\\') made += '\\';
    made += c;
  }
  return made + "\"";
}

std::string ask_line(const std::string& question, bool secret) {
  std::fprintf(stderr, "%s: ", question.c_str());
  termios before = {};
  const bool hidden = secret && ::tcgetattr(STDIN_FILENO, &before) == 0;
  if (hidden) {
    termios silent = before;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
  }
  std::string line;
  std::getline(std::cin, line);
  if (hidden) {
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    std::fputc('\n', stderr);
  }
  return line;
}

// What the options left open: asked at a terminal, else an error.
void complete(std::string& value, const char* option, const char* question) {
  if (value.empty() && ::isatty(STDIN_FILENO) == 1) value = ask_line(question, false);
  if (value.empty()) throw Failure(kUsage, std::string(option) + " is missing");
}

std::string read_secret(const SetupOptions& options) {
  std::string secret;
  if (!options.secret_file) {
    if (::isatty(STDIN_FILENO) != 1) return "";
    secret = ask_line("client secret (empty: it has none)", true);
  } else if (*options.secret_file == "-") {
    std::getline(std::cin, secret);
  } else {
    std::ifstream file(*options.secret_file);
    if (!file) throw Failure(kFailed, plain(*options.secret_file) + ": " + std::strerror(errno));
    std::getline(file, secret);
  }
  if (secret.size() > kSecretLimit) throw Failure(kFailed, "the client secret is too long");
  if (options.secret_file && secret.empty()) throw Failure(kFailed, "the client secret is empty");
  return secret;
}

// Asks reeved, which asks by reeve-fetch: a wrong URL is found before anything is written.
void discover(const Options& options, const char* fetch) {
  const SetupOptions& setup = options.setup;
  Value asked;
  asked.set("issuer", setup.issuer).set("fetch", fetch);
  asked.set("loopback_http", setup.loopback_http);
  asked.set("private_addresses", setup.private_addresses);
  try {
    const Value reply = Daemon(Daemon::Door::admin, options, 120).call("Discover", asked);
    const Value* ends = reply.find("endpoints");
    if (ends == nullptr) throw misfit("endpoints");
    for (const auto& [name, url] : ends->members()) {
      if (url.string() != nullptr) print(plain(name) + " endpoint: " + plain(*url.string()));
    }
  } catch (const Failure& failure) {
    if (failure.code != REEVE_UNAVAILABLE) throw;
    complain("reeve: reeved does not run, so " + plain(setup.issuer) +
             " was not asked for its endpoints: `reeve doctor` does it later");
  }
}

std::string table_text(const SetupOptions& setup, const char* kind, const std::string& secret) {
  std::string text = "# Written by `reeve setup`; yours to change. See reeve.toml(5).\n[" +
                     std::string(kind) + "." + setup.name + "]\n";
  const auto member = [&text](const char* key, const std::string& value) {
    if (!value.empty()) text += std::string(key) + " = " + value + "\n";
  };
  if (!setup.preset.empty()) member("preset", quoted(setup.preset));
  if (!setup.issuer.empty()) member("issuer", quoted(setup.issuer));
  member("client_id", quoted(setup.client_id));
  member("client_secret", secret);
  std::string scopes;
  for (const std::string& scope : setup.scopes)
    scopes += (scopes.empty() ? "" : ", ") + quoted(scope);
  if (!scopes.empty()) member("scopes", "[" + scopes + "]");
  if (setup.loopback_http) member("loopback_http", "true");
  if (setup.private_addresses) member("private_addresses", "true");
  return text;
}

// Takes back what was written, unless all went well.
struct Undo {
  const SetupPlace& place;
  std::string file, secret;
  ~Undo() {
    if (!file.empty()) ::unlink(file.c_str());
    if (!secret.empty()) place.drop_secret(secret);
  }
  void keep() { file.clear(), secret.clear(); }
};

CheckOutcome checked(const SetupPlace& place) {
  CheckOutcome outcome = check_configuration(place.check_options());
  for (const std::string& warning : outcome.warnings) complain("warning: " + plain(warning));
  if (outcome.valid) return outcome;
  std::string text = "the configuration would have errors, and nothing was changed:";
  for (const std::string& error : outcome.errors) text += "\n  " + plain(error);
  throw Failure(kFailed, text);
}

int setup_table(const Options& options, const char* kind, const char* fetch) {
  const SetupOptions& setup = options.setup;
  const std::string table = std::string(kind) + "." + setup.name;
  if (!valid_name(setup.name)) throw Failure(kUsage, "a NAME is letters, digits, '-' and '_'");
  const SetupPlace place(setup.user);
  Undo undo{place, "", ""};
  const std::string file = place.drop_in(std::string(kind) + "-" + setup.name);
  if (std::filesystem::exists(file)) {
    throw Failure(kFailed, file +
                               " is there already: change it, then `systemctl reload reeved`; or "
                               "remove it and run this again");
  }
  if (!setup.issuer.empty()) discover(options, fetch);
  const std::string secret = read_secret(setup);
  std::string reference;
  if (!secret.empty()) {
    const std::string name = setup.name + "-client-" + kind;
    undo.secret = name;
    const SetupPlace::Kept kept = place.keep_secret(name, secret);
    reference = kept.reference;
    print("the client secret is kept " + kept.where);
  }
  undo.file = file;
  write_whole(file, table_text(setup, kind, reference), 0644);
  const CheckOutcome outcome = checked(place);
  undo.keep();
  print("wrote " + file);
  place.apply(!secret.empty());
  for (const auto& [name, uri] : outcome.redirects) {
    if (name.rfind(table, 0) == 0 && (name.size() == table.size() || name[table.size()] == ' ')) {
      print("redirect URI to register there: " + plain(uri));
    }
  }
  return kOk;
}

}  // namespace

int setup_issuer(const Options& options) {
  Options asked = options;
  SetupOptions& setup = asked.setup;
  complete(setup.issuer, "--issuer", "the issuer's URL, exactly as it calls itself");
  complete(setup.client_id, "--client-id", "the client id that it gave Reeve");
  return setup_table(asked, "issuer", "issuers");
}

int setup_provider(const Options& options) {
  Options asked = options;
  SetupOptions& setup = asked.setup;
  const bool known = std::filesystem::exists(kPresets + setup.name + ".toml");
  if (setup.preset.empty() && setup.issuer.empty() && known) setup.preset = setup.name;
  if (setup.preset.empty()) {
    complete(setup.issuer, "--issuer (or --preset)",
             "the provider's issuer URL, exactly as it calls itself");
  }
  complete(setup.client_id, "--client-id", "the client id that it gave Reeve");
  return setup_table(asked, "provider", "providers");
}

int setup_key(const Options& options) {
  const SetupPlace place(options.setup.user);
  const std::string name = "master-key";
  if (place.has_secret(name)) {
    if (place.load_secret(name)) {
      print("the master key is there already; now reeved.service loads it");
      place.apply(true);
      return kOk;
    }
    if (options.setup.if_missing) return kOk;
    throw Failure(kFailed, "there is a master key already in " + place.directory() +
                               "/credentials; another one would not open the vault");
  }
  unsigned char octets[32];
  if (::getentropy(octets, sizeof octets) != 0) throw Failure(kFailed, std::strerror(errno));
  std::string text;
  for (const unsigned char octet : octets) {
    constexpr const char* digits = "0123456789abcdef";
    text += digits[octet >> 4];
    text += digits[octet & 15];
  }
  const SetupPlace::Kept kept = place.keep_secret(name, text);
  ::explicit_bzero(octets, sizeof octets);
  ::explicit_bzero(text.data(), text.size());
  print("a new master key is kept " + kept.where);
  place.apply(true);
  return kOk;
}

}  // namespace reeve::cli
