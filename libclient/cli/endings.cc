// kill and revoke: what ends sessions and grants.
#include <unistd.h>

#include <cstdio>

#include "cli/daemon.h"
#include "cli/failure.h"
#include "cli/lists.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

constexpr int kRevokeSeconds = 600;  // each provider is told

Value filter(const Selection& selected) {
  Value parameters;
  if (!selected.user.empty()) {
    Value user;
    user.set("issuer", selected.user[0]).set("subject", selected.user[1]);
    parameters.set("user", user);
  }
  parameters.set_if("provider", selected.provider)
      .set_if("workload", selected.workload)
      .set_if("grant", selected.grant)
      .set_if("session", selected.session);
  if (parameters.members().empty()) {
    throw Failure(kUsage, "say which: --help lists what can be given");
  }
  return parameters;
}

// The rule of RevokeGrants: all that is given is equal.
bool fits(const Value& grant, const Selection& selected) {
  const auto same = [&](const std::optional<std::string>& wanted, const char* name) {
    return !wanted || grant.text(name) == wanted;
  };
  const Value* user = grant.find("user");
  const bool same_user =
      selected.user.empty() ||
      (user != nullptr && user->text("issuer") == std::optional(selected.user[0]) &&
       user->text("subject") == std::optional(selected.user[1]));
  return same_user && same(selected.provider, "provider") && same(selected.workload, "workload") &&
         same(selected.grant, "id");
}

bool answered_yes() {
  char answer[16] = {};
  if (std::fgets(answer, sizeof(answer), stdin) == nullptr) return false;
  return answer[0] == 'y' || answer[0] == 'Y';
}

// On a terminal, more than one grant is revoked only after a look at them.
void ask_first(const Options& options, const Daemon& daemon) {
  if (options.selection.yes || options.selection.session || ::isatty(STDIN_FILENO) == 0) return;
  Value::List chosen;
  for (const Value& grant : daemon.list("Grants", "grant")) {
    if (fits(grant, options.selection)) chosen.push_back(grant);
  }
  if (chosen.size() < 2) return;
  complain(grant_table(chosen).text());
  std::fprintf(stderr, "Revoke these %zu grants? [y/N] ", chosen.size());
  if (!answered_yes()) throw Failure(kFailed, "nothing was revoked");
}

std::string counted(int64_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

// What each provider said, where it did not just confirm, and what cannot be called back.
void report(const Value& reply) {
  for (const Value& grant : reply.list("grants")) {
    const std::string id = plain(grant.text("id").value_or(""));
    if (const auto reason = grant.text("reason")) {
      complain("not revoked at the provider: " + id + ": " + plain(*reason));
    }
    if (const auto until = grant.integer("lent_until")) {
      print(id + ": access tokens that were lent live until " + when(*until));
    }
    if (grant.flag("lent_for_good")) {
      print(id + ": an access token that was lent has no end");
    }
  }
}

}  // namespace

int revoke(const Options& options) {
  Value selected = filter(options.selection);
  if (options.selection.sessions) selected.set("sessions", true);
  Daemon daemon(Daemon::Door::admin, options, kRevokeSeconds);
  ask_first(options, daemon);
  const Value reply = daemon.call("RevokeGrants", selected);
  const int64_t revoked = reply.integer("revoked").value_or(0);
  if (options.json) print(reply.dump());
  else if (revoked == 0 && !options.selection.sessions)
    complain("reeve: no grant fits: `reeve grants` lists them");
  else {
    print("revoked " + counted(revoked, "grant") + ", " +
          std::to_string(reply.integer("at_provider").value_or(0)) + " also at the provider");
    report(reply);
  }
  const int64_t ended = reply.integer("sessions").value_or(0);
  if (!options.json && ended > 0) print("ended " + counted(ended, "session"));
  return revoked + ended == 0 ? kFailed : kOk;
}

int kill(const Options& options) {
  const Value selected = filter(options.selection);
  const Value reply = Daemon(Daemon::Door::admin, options).call("KillSessions", selected);
  const int64_t ended = reply.integer("ended").value_or(0);
  if (options.json) print(reply.dump());
  else if (ended == 0) complain("reeve: no session fits: `reeve sessions` lists them");
  else print("ended " + counted(ended, "session"));
  return ended == 0 ? kFailed : kOk;
}

}  // namespace reeve::cli
