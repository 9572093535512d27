// git-credential: git's credential helper (gitcredentials(7), git-credential(1)).
//
// It answers for the URLs that were named and for no other: by --url with --provider, or by git's
// own configuration, `credential.https://git.example.com.reeveProvider`. A setting without a URL
// names no host, and so counts for nothing.
#include <algorithm>
#include <iostream>
#include <map>

#include "cli/failure.h"
#include "cli/lend.h"
#include "cli/origin.h"
#include "cli/subprocess.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

constexpr size_t kMaxLine = 65535;  // git's own limit
constexpr int kMaxLines = 1000;

// What git says: one value a key, and the capabilities it has.
struct Asked {
  std::map<std::string, std::string> values;
  bool authtype = false;

  std::string value(const char* key) const {
    const auto found = values.find(key);
    return found == values.end() ? "" : found->second;
  }
};

Asked read_asked(std::istream& from) {
  Asked asked;
  std::string line;
  for (int lines = 0; std::getline(from, line) && !line.empty(); ++lines) {
    const size_t equal = line.find('=');
    if (equal == std::string::npos || line.size() > kMaxLine || lines == kMaxLines ||
        line.find('\0') != std::string::npos) {
      throw Failure(kUsage, "standard input is not as git-credential(1) says: key=value lines");
    }
    const std::string key = line.substr(0, equal), value = line.substr(equal + 1);
    if (key == "capability[]" && value == "authtype") asked.authtype = true;
    asked.values[key] = value;
  }
  return asked;
}

struct Rule {
  Origin origin;
  std::string provider;
};

// credential.<URL>.reeveprovider of git's configuration, the last one of the longest path first.
std::vector<Rule> configured() {
  const std::string said =
      output_of({"git", "config", "--null", "--get-regexp", "^credential\\..*\\.reeveprovider$"});
  std::vector<Rule> rules;
  for (size_t at = 0; at < said.size();) {
    const size_t end = std::min(said.find('\0', at), said.size());
    const std::string entry = said.substr(at, end - at);
    at = end + 1;
    const size_t split = entry.find('\n');
    const std::string before = "credential.", behind = ".reeveprovider";
    if (split == std::string::npos || split < before.size() + behind.size()) continue;
    const auto origin = parse_origin(
        std::string_view(entry).substr(before.size(), split - before.size() - behind.size()));
    if (origin) rules.push_back({*origin, entry.substr(split + 1)});
  }
  std::reverse(rules.begin(), rules.end());
  std::stable_sort(rules.begin(), rules.end(), [](const Rule& a, const Rule& b) {
    return a.origin.path.size() > b.origin.path.size();
  });
  return rules;
}

std::vector<Rule> rules_of(const Options& options) {
  const GitOptions& git = options.adapters.git;
  if (!git.provider && git.urls.empty()) return configured();
  if (!git.provider || git.urls.empty()) {
    throw Failure(kUsage, "--provider and --url go together: a token is for named hosts only");
  }
  std::vector<Rule> rules;
  for (const std::string& url : git.urls) {
    const auto origin = parse_origin(url);
    if (!origin) throw Failure(kUsage, "no URL of a host: '" + plain(url) + "'");
    rules.push_back({*origin, *git.provider});
  }
  return rules;
}

// The provider for what git asks for; empty: another helper's business.
std::string provider_for(const Asked& asked, const Options& options) {
  const auto origin =
      make_origin(asked.value("protocol"), asked.value("host"), asked.value("path"));
  if (!origin) return "";
  for (const Rule& rule : rules_of(options)) {
    if (!covers(rule.origin, *origin)) continue;
    if (fit_for_tokens(*origin)) return rule.provider;
    throw Failure(kDenied,
                  "a token does not go over plain http to " + plain(origin->host) + ": use https");
  }
  return "";
}

std::string answer(const Asked& asked, const Value& token, const Options& options) {
  const std::string secret = token.need_text("access_token");
  const GitOptions& git = options.adapters.git;
  std::string text;
  if (asked.authtype) {
    text = "capability[]=authtype\nauthtype=Bearer\ncredential=" + secret + "\nephemeral=1\n";
  } else {
    std::string username = asked.value("username");
    if (git.username) username = *git.username;
    if (username.empty()) username = convention_of(options.token.provider).username;
    text = "username=" + username + "\npassword=" + secret + "\n";
  }
  if (const auto end = token.integer("expires_at")) {
    text += "password_expiry_utc=" + std::to_string(*end) + "\n";
  }
  return text;
}

// git has been refused with this credential.
void erase(const Asked& asked, const Options& options) {
  const std::string& refused =
      asked.value("credential").empty() ? asked.value("password") : asked.value("credential");
  if (refused.empty()) return;
  use_cached(options, [&](Daemon& daemon, const Session& session, const Value& token) {
    // Another one is there already: nothing is to be said of that.
    if (token.need_text("access_token") != refused) return;
    Value parameters;
    parameters.set("session", session.handle).set("token", token.need_text("id"));
    daemon.call("ReportInvalid", parameters);
  });
}

}  // namespace

int git_credential(const Options& options) {
  const std::string& operation = options.adapters.git.operation;
  if (operation == "capability") {
    print("version 0\ncapability authtype");
    return kOk;
  }
  const Asked asked = read_asked(std::cin);
  // An operation of a later git's is no error (gitcredentials(7)); nothing is stored here.
  if (operation != "get" && operation != "erase") return kOk;
  Options own = options;
  own.token.provider = provider_for(asked, options);
  if (own.token.provider.empty()) return kOk;
  if (operation == "erase") {
    erase(asked, own);
    return kOk;
  }
  std::string text = answer(asked, lend(own), own);
  text.pop_back();
  print(text);
  return kOk;
}

}  // namespace reeve::cli
