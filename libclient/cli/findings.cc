#include "cli/findings.h"

#include <sys/stat.h>

#include "cli/failure.h"
#include "cli/terminal.h"

namespace reeve::cli {

void Findings::tell(const std::string& outcome, const std::string& part, const std::string& text,
                    const std::string& advice) {
  if (outcome == "failed") ++failures_;
  Value finding;
  finding.set("part", part).set("outcome", outcome).set("text", text);
  if (!advice.empty()) finding.set("advice", advice);
  found_.push_back(std::move(finding));
  if (json_) return;
  print((outcome == "ok"       ? "ok       "
         : outcome == "failed" ? "FAILED   "
                               : "warning  ") +
        plain(part) + ": " + plain(text));
  if (!advice.empty()) print("         " + plain(advice));
}

void Findings::closed(const std::string& path, uid_t owner) {
  struct stat seen = {};
  if (::lstat(path.c_str(), &seen) != 0) return;
  const std::string who = owner == 0 ? "root" : "uid " + std::to_string(owner);
  const std::string chown =
      owner == 0 ? "chown root:root " : "sudo chown " + std::to_string(owner) + " ";
  if (seen.st_uid != owner) {
    failed(path, "belongs to uid " + std::to_string(seen.st_uid) + ", not to " + who, chown + path);
  } else if ((seen.st_mode & 077) != 0) {
    failed(path, "others than its owner may use it",
           (S_ISDIR(seen.st_mode) ? "chmod 0700 " : "chmod 0600 ") + path);
  }
}

int Findings::end() const {
  if (json_) print(Value::of(found_).dump());
  else if (failures_ == 0) print("nothing is wrong");
  else print(std::to_string(failures_) + " to mend");
  return failures_ == 0 ? kOk : kFailed;
}

}  // namespace reeve::cli
