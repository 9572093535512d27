// rotate, backup, restore, metrics: what the operator does to keep things well.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "cli/daemon.h"
#include "cli/failure.h"
#include "cli/reeved.h"
#include "cli/terminal.h"
#include "cli/verbs.h"

namespace reeve::cli {
namespace {

constexpr int kRotateSeconds = 3600;
constexpr int kBackupSeconds = 600;  // until the first octets come

// base64url without padding; nullopt: it is none.
std::optional<std::string> decode(const std::string& text) {
  std::string octets;
  uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    static const std::string letters =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    const size_t value = letters.find(c);
    if (value == std::string::npos) return std::nullopt;
    bits = bits << 6 | static_cast<uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    octets += static_cast<char>((bits >> count) & 0xff);
  }
  return octets;
}

// A file that appears under its name only when all of it is there and synced.
class NewFile final {
 public:
  // replace: another of the name may be there.
  NewFile(std::string path, mode_t mode, bool replace)
      : path_(std::move(path)), fresh_(path_ + ".new"), replace_(replace) {
    if (!replace_ && ::access(path_.c_str(), F_OK) == 0)
      throw Failure(kFailed, plain(path_) + " is there already: name another file");
    ::unlink(fresh_.c_str());
    fd_ = ::open(fresh_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd_ < 0) fail();
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;
  ~NewFile() {
    if (fd_ < 0) return;
    ::close(fd_);
    ::unlink(fresh_.c_str());
  }
  void write(const std::string& octets) {
    for (size_t at = 0; at < octets.size();) {
      const ssize_t count = ::write(fd_, octets.data() + at, octets.size() - at);
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) fail();
      at += static_cast<size_t>(count);
    }
  }
  void finish() {
    if (::fsync(fd_) != 0) fail();
    const bool named = replace_ ? ::rename(fresh_.c_str(), path_.c_str()) == 0
                                : ::link(fresh_.c_str(), path_.c_str()) == 0;
    if (!named) fail();
    ::close(fd_);
    fd_ = -1;
    if (!replace_) ::unlink(fresh_.c_str());
  }

 private:
  [[noreturn]] void fail() const {
    throw Failure(kFailed, plain(path_) + ": " + std::strerror(errno));
  }

  const std::string path_, fresh_;
  const bool replace_;
  int fd_ = -1;
};

}  // namespace

int rotate(const Options& options) {
  Value parameters;
  const RotateOptions& asked = options.rotate;
  if (asked.master) parameters.set("what", "master");
  if (asked.recovery) parameters.set("what", "recovery");
  const Value reply =
      Daemon(Daemon::Door::admin, options, kRotateSeconds).call("RotateKeys", parameters);
  if (options.json) {
    print(reply.dump());
    return kOk;
  }
  const std::string epoch = std::to_string(reply.integer("epoch").value_or(0));
  if (const auto key = reply.text("recovery_key")) {
    print(plain(*key));
    complain(
        "reeve: keep this recovery key away from here; the one before opens the vault no more");
  } else if (asked.master) {
    print("the vault opens with the new master key, and with the old one no more");
    complain("reeve: now make it [vault] master_key, and remove next_master_key");
  } else {
    print("epoch " + epoch + ", " + std::to_string(reply.integer("sealed").value_or(0)) +
          " records sealed anew");
  }
  return kOk;
}

int backup(const Options& options) {
  const Daemon daemon(Daemon::Door::admin, options, kBackupSeconds);
  NewFile file(options.backup.file, 0600, false);
  int64_t written = 0;
  std::optional<int64_t> promised;
  daemon.stream(
      "Backup", Value(), [&daemon] { return daemon.timeout_ms(); },
      [&](const Value& reply) {
        promised = reply.integer("octets");
        const auto chunk = reply.text("chunk");
        if (!chunk) return !promised.has_value();
        const auto octets = decode(*chunk);
        if (!octets) throw misfit("chunk");
        file.write(*octets);
        written += static_cast<int64_t>(octets->size());
        return true;
      });
  if (promised != written) throw Failure(kFailed, "the backup is not whole: nothing was kept");
  file.finish();
  if (options.json) print(Value().set("octets", written).dump());
  else print(std::to_string(written) + " octets, sealed as the vault is: keep its key elsewhere");
  return kOk;
}

int restore(const Options& options) {
  const BackupOptions& asked = options.backup;
  const auto whole = [](const std::string& path) {
    return std::filesystem::absolute(path).string();
  };
  std::vector<std::string> words = {"--restore", whole(asked.file)};
  if (asked.key) words.insert(words.end(), {"--restore-key", whole(*asked.key)});
  if (asked.config) words.insert(words.end(), {"--config", *asked.config});
  if (asked.presets) words.insert(words.end(), {"--presets", *asked.presets});
  if (asked.same_user) words.emplace_back("--same-user");
  // The system's own daemon has its keys from systemd.
  const bool system = !asked.config && !asked.same_user;
  const Said said = system ? run_reeved_with_credentials(words) : run_reeved(words);
  if (options.json) {
    print(Value().set("restored", said.status == 0).set("said", Value::of(said.lines)).dump());
  } else {
    for (const std::string& line : said.lines) {
      if (said.status == 0) print(plain(line));
      else complain(plain(line));
    }
  }
  return said.status == 0 ? kOk : kFailed;
}

int metrics(const Options& options) {
  Value parameters;
  parameters.set_if("format", options.metrics.format);
  const Value reply = Daemon(Daemon::Door::admin, options).call("Metrics", parameters);
  std::string text = reply.need_text("text");
  if (options.metrics.output) {
    NewFile file(*options.metrics.output, 0644, true);
    file.write(text);
    file.finish();
    return kOk;
  }
  if (options.json) {
    print(reply.dump());
    return kOk;
  }
  while (!text.empty() && text.back() == '\n') text.pop_back();
  print(plain_lines(text));
  return kOk;
}

}  // namespace reeve::cli
