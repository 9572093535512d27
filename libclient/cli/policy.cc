// explain and reload: what the operator asks of the policy.
#include "cli/daemon.h"
#include "cli/failure.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

Value evidence_of(const std::vector<std::string>& given) {
  Value evidence;
  for (const std::string& pair : given) {
    const size_t at = pair.find('=');
    const std::string name = pair.substr(0, at);
    if (at == std::string::npos || at == 0) {
      throw Failure(kUsage, "--evidence takes NAME=VALUE, as `reeve whoami` lists them");
    }
    if (evidence.find(name) != nullptr) {
      throw Failure(kUsage, "--evidence " + plain(name) + " is given twice");
    }
    evidence.set(name, std::string_view(pair).substr(at + 1));
  }
  return evidence;
}

}  // namespace

int explain(const Options& options) {
  const ExplainOptions& asked = options.explain;
  Value parameters;
  if (asked.pid) parameters.set("pid", *asked.pid);
  else parameters.set("evidence", evidence_of(asked.evidence));
  parameters.set_if("user", asked.user)
      .set("provider", asked.provider)
      .set_if("scopes", asked.scopes);
  const Value reply = Daemon(Daemon::Door::admin, options).call("Explain", parameters);
  const std::string verdict = reply.need_text("verdict");
  if (options.json) {
    print(reply.dump());
  } else if (std::string text = plain_lines(reply.text("text").value_or("")); !text.empty()) {
    if (text.back() == '\n') text.pop_back();
    print(text);
  } else {
    print(plain(verdict + ": " + reply.text("reason").value_or("")));
  }
  return verdict == "allowed" ? kOk : kDenied;
}

int reload(const Options& options) {
  const Value reply = Daemon(Daemon::Door::admin, options).call("Reload");
  if (options.json) {
    print(reply.dump());
    return kOk;
  }
  for (const std::string& warning : reply.texts("warnings")) complain("warning: " + plain(warning));
  print("the configuration was read again");
  return kOk;
}

}  // namespace reeve::cli
