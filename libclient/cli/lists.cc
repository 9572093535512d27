// status, sessions, grants: what the operator looks at.
#include "cli/lists.h"

#include "cli/daemon.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : " ") + text;
  return all;
}

// As --user takes it, and the name behind it.
std::string user_of(const Value& value) {
  const Value* user = value.find("user");
  if (user == nullptr) return "";
  const auto name = user->text("name");
  return user->text("issuer").value_or("?") + " " + user->text("subject").value_or("?") +
         (name ? " (" + *name + ")" : "");
}

std::string number(const Value& value, const char* name) {
  const auto found = value.integer(name);
  return found ? std::to_string(*found) : "?";
}

int show(const Options& options, const Value::List& list, const Table& table, const char* none) {
  if (options.json) print(Value::of(list).dump());
  else print(table.empty() ? none : table.text());
  return 0;
}

}  // namespace

Table grant_table(const Value::List& grants) {
  Table table(
      {"ID", "WORKLOAD", "USER", "PROVIDER", "ACCOUNT", "STATE", "SCOPES", "CREATED", "USED"});
  for (const Value& grant : grants) {
    const auto text = [&grant](const char* name) { return grant.text(name).value_or(""); };
    table.add({text("id"), text("workload"), user_of(grant), text("provider"), text("account"),
               text("state"), joined(grant.texts("granted")), when(grant.integer("created_at")),
               when(grant.integer("used_at"))});
  }
  return table;
}

int grants(const Options& options) {
  const Value::List list = Daemon(Daemon::Door::admin, options).list("Grants", "grant");
  return show(options, list, grant_table(list), "no grants");
}

int sessions(const Options& options) {
  const Value::List list = Daemon(Daemon::Door::admin, options).list("Sessions", "session");
  Table table({"ID", "WORKLOAD", "USER", "SCOPE", "OPENED", "EXPIRES"});
  for (const Value& session : list) {
    const auto text = [&session](const char* name) { return session.text(name).value_or(""); };
    table.add({text("id"), text("workload"), user_of(session), text("scope"),
               when(session.integer("opened_at")), when(session.integer("expires_at"))});
  }
  return show(options, list, table, "no sessions");
}

int status(const Options& options) {
  const Value reply = Daemon(Daemon::Door::admin, options).call("Status");
  if (options.json) {
    print(reply.dump());
    return 0;
  }
  print("reeved " + plain(reply.text("version").value_or("?")) + ", pid " + number(reply, "pid") +
        ", since " + when(reply.integer("started_at")));
  print("sessions:  " + number(reply, "sessions"));
  print("grants:    " + number(reply, "grants"));
  print("consents:  " + number(reply, "consents") + " pending");
  for (const char* name : {"workloads", "providers", "issuers"}) {
    const std::string names = plain(joined(reply.texts(name)));
    print(std::string(name) + ": " + (std::string(name) == "issuers" ? "  " : "") +
          (names.empty() ? "-" : names));
  }
  if (const Value* uris = reply.find("redirect_uris")) {
    for (const auto& [table, uri] : uris->members()) {
      if (uri.string() != nullptr) {
        print("redirect URI of " + plain(table) + ": " + plain(*uri.string()));
      }
    }
  }
  if (reply.flag("unseparated")) {
    print("unseparated: started with --same-user; for development only");
  }
  for (const std::string& problem : reply.texts("problems")) print("problem:   " + plain(problem));
  return 0;
}

}  // namespace reeve::cli
