// audit: what the operator reads of the audit, and whether it is as it was written.
#include <deque>
#include <fstream>
#include <iterator>

#include "cli/audit_log.h"
#include "cli/failure.h"
#include "cli/reeved.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

std::string user_of(const Value& record) {
  const Value* user = record.find("user");
  if (user == nullptr) return "";
  return user->text("subject").value_or("?") + " (" + user->text("issuer").value_or("?") + ")";
}

std::string joined(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : " ") + text;
  return all;
}

// One line for people; --json has everything.
std::string line_of(const Value& record) {
  std::string line = when(record.integer("time")) + "  " +
                     std::to_string(record.integer("sequence").value_or(0)) + "  " +
                     record.text("event").value_or("?");
  const auto say = [&line](const char* name, const std::string& value) {
    if (!value.empty()) line += std::string("  ") + name + value;
  };
  const auto text = [&record](const char* name) { return record.text(name).value_or(""); };
  say("", text("outcome"));
  say("user ", user_of(record));
  say("workload ", text("workload"));
  say("provider ", text("provider"));
  say("scopes ", joined(record.texts("scopes")));
  say("grant ", text("grant"));
  say("account ", text("account"));
  say("rule ", text("rule"));
  say("reason ", text("reason"));
  return line;
}

void show_record(const Options& options, const Value& record) {
  print(options.json ? record.dump() : plain(line_of(record)));
}

bool fits(const Value& record, const AuditOptions& asked) {
  const auto same = [&record](const std::optional<std::string>& wanted, const char* name) {
    return !wanted || record.text(name) == wanted;
  };
  if (!same(asked.event, "event") || !same(asked.workload, "workload") ||
      !same(asked.provider, "provider") || !same(asked.grant, "grant")) {
    return false;
  }
  if (asked.user.empty()) return true;
  const Value* user = record.find("user");
  return user != nullptr && user->text("issuer") == std::optional(asked.user[0]) &&
         user->text("subject") == std::optional(asked.user[1]);
}

// A key beside the log proves nothing against who wrote both, unless it is reeved's.
void compare_keys(const AuditLog& log) {
  std::ifstream file(log.file + ".pub");
  const std::string beside{std::istreambuf_iterator<char>(file), {}};
  if (log.public_key && beside != *log.public_key)
    throw Failure(kFailed, plain(log.file) + ".pub is not the public key that reeved signs with");
}

Said verify_once(const Options& options, const AuditLog& log) {
  std::vector<std::string> words = {"--audit-verify", log.file};
  if (options.audit.key) words.insert(words.end(), {"--audit-key", *options.audit.key});
  const std::optional<std::string> head = options.audit.head ? options.audit.head : log.end;
  if (head) words.insert(words.end(), {"--audit-head", *head});
  return run_reeved(words);
}

}  // namespace

int audit_verify(const Options& options) {
  AuditLog log = find_audit_log(options);
  if (!options.audit.key) compare_keys(log);
  Said said = verify_once(options, log);
  // Its last line may have been on its way just then.
  if (said.status == 1 && log.end) said = verify_once(options, log);
  if (said.status != 0 && said.status != 1)
    throw Failure(kFailed, plain(said.lines.empty() ? "reeved failed" : said.lines.front()));
  std::vector<std::string> findings, notes;
  std::string summary;
  for (const std::string& line : said.lines) {
    if (line.rfind("finding: ", 0) == 0) findings.push_back(line.substr(9));
    else if (line.rfind("note: ", 0) == 0) notes.push_back(line.substr(6));
    else summary = line;
  }
  if (options.json) {
    Value told;
    told.set("valid", said.status == 0)
        .set("findings", Value::of(findings))
        .set("notes", Value::of(notes))
        .set("summary", summary);
    print(told.dump());
    return said.status == 0 ? kOk : kFailed;
  }
  for (const std::string& finding : findings) print(plain(finding));
  for (const std::string& note : notes) print("note: " + plain(note));
  print((findings.empty() ? "as it was written: " : "NOT as it was written: ") + plain(summary));
  return said.status == 0 ? kOk : kFailed;
}

int audit_tail(const Options& options) {
  std::deque<Value> last;
  const auto wanted = static_cast<size_t>(options.audit.lines);
  each_record(find_audit_log(options).file, [&](const Value& record) {
    last.push_back(record);
    if (last.size() > wanted) last.pop_front();
  });
  for (const Value& record : last) show_record(options, record);
  return kOk;
}

int audit_show(const Options& options) {
  bool any = false;
  each_record(find_audit_log(options).file, [&](const Value& record) {
    if (!fits(record, options.audit)) return;
    any = true;
    show_record(options, record);
  });
  if (!any) complain("reeve: no record fits");
  return any ? kOk : kFailed;
}

int audit_key(const Options& options) {
  const AuditLog log = find_audit_log(options);
  std::string key;
  if (log.public_key) {
    key = *log.public_key;
  } else {
    std::ifstream file(log.file + ".pub");
    key.assign(std::istreambuf_iterator<char>(file), {});
    if (key.empty())
      throw Failure(kFailed, "reeved does not run, and " + plain(log.file) + ".pub is not there");
  }
  while (!key.empty() && key.back() == '\n') key.pop_back();
  print(plain_lines(key));
  return kOk;
}

}  // namespace reeve::cli
