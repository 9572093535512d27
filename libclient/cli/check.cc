// check: runs `reeved --check`, which reads a configuration as the daemon would.
#include "cli/check.h"

#include <sstream>

#include "cli/failure.h"
#include "cli/reeved.h"
#include "cli/run.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

std::vector<std::string> command_line(const CheckOptions& options) {
  std::vector<std::string> words = {find_reeved(), "--check"};
  if (options.file) words.insert(words.end(), {"--config", *options.file});
  if (options.presets) words.insert(words.end(), {"--presets", *options.presets});
  if (options.same_user) words.emplace_back("--same-user");
  return words;
}

}  // namespace

CheckOutcome check_configuration(const CheckOptions& options) {
  std::vector<std::string> words = command_line(options);
  const std::string program = words.front();
  const Ran ran = run(std::move(words));
  std::istringstream said(ran.said);
  CheckOutcome outcome;
  outcome.valid = ran.ok();
  const std::string mark = "warning: ", redirect = "] redirect_uri to register: ";
  for (std::string line; std::getline(said, line);) {
    const size_t at = line.find(redirect);
    if (line.rfind(mark, 0) == 0) outcome.warnings.push_back(line.substr(mark.size()));
    else if (!outcome.valid && !line.empty()) outcome.errors.push_back(line);
    else if (line.rfind('[', 0) == 0 && at != std::string::npos)
      outcome.redirects[line.substr(1, at - 1)] = line.substr(at + redirect.size());
  }
  if (!outcome.valid && outcome.errors.empty()) {
    outcome.errors.push_back(program + " ended without saying why");
  }
  return outcome;
}

int check(const Options& options) {
  const CheckOutcome outcome = check_configuration(options.check);
  if (options.json) {
    Value told;
    Value uris;
    for (const auto& [table, uri] : outcome.redirects) uris.set(table.c_str(), uri);
    told.set("valid", outcome.valid)
        .set("warnings", Value::of(outcome.warnings))
        .set("errors", Value::of(outcome.errors))
        .set("redirect_uris", std::move(uris));
    print(told.dump());
  } else {
    for (const std::string& warning : outcome.warnings) complain("warning: " + plain(warning));
    for (const std::string& error : outcome.errors) complain(plain(error));
    if (outcome.valid) print("no errors");
    for (const auto& [table, uri] : outcome.redirects) {
      print("redirect URI of " + plain(table) + ": " + plain(uri));
    }
  }
  return outcome.valid ? kOk : kFailed;
}

}  // namespace reeve::cli
