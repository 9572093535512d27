#include "cli/setup_place.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "cli/failure.h"
#include "cli/own.h"
#include "cli/run.h"
#include "cli/terminal.h"

namespace reeve::cli {
namespace {

constexpr const char* kUnitDirectory = "/etc/systemd/system/reeved.service.d";

Failure cannot(const std::string& what, const std::string& path) {
  return {kFailed, "cannot " + what + " " + plain(path) + ": " + std::strerror(errno)};
}

void make_directory(const std::string& path, unsigned mode) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (::mkdir(path.c_str(), mode) != 0 && errno != EEXIST) throw cannot("make", path);
}

bool exists(const std::string& path) {
  struct stat seen = {};
  return ::lstat(path.c_str(), &seen) == 0;
}

}  // namespace

void write_whole(const std::string& path, const std::string& text, unsigned mode) {
  const std::string next = path + ".new";
  ::unlink(next.c_str());
  const int fd = ::open(next.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) throw cannot("write", next);
  const ssize_t written = ::write(fd, text.data(), text.size());
  const bool whole =
      written == static_cast<ssize_t>(text.size()) && ::fchmod(fd, mode) == 0 && ::fsync(fd) == 0;
  ::close(fd);
  if (whole && ::rename(next.c_str(), path.c_str()) == 0) return;
  const int error = errno;
  ::unlink(next.c_str());
  errno = error;
  throw cannot("write", path);
}

SetupPlace::SetupPlace(bool user)
    : user_(user), directory_(user ? own::configuration_directory() : "/etc/reeve") {
  if (!user && ::geteuid() != 0) {
    throw Failure(kFailed,
                  "only root may write to /etc/reeve: use sudo, or --user for a daemon of "
                  "your own");
  }
  make_directory(directory_, user ? 0700 : 0755);
  make_directory(directory_ + "/conf.d", 0755);
  make_directory(directory_ + "/credentials", 0700);
}

CheckOptions SetupPlace::check_options() const {
  CheckOptions options;
  options.file = main_file();
  options.same_user = user_;
  return options;
}

std::string SetupPlace::sealed_file(const std::string& name) const {
  return directory_ + "/credentials/" + name + ".cred";
}

std::string SetupPlace::plain_file(const std::string& name) const {
  return directory_ + "/credentials/" + name;
}

std::string SetupPlace::unit_file(const std::string& name) {
  return std::string(kUnitDirectory) + "/reeve-" + name + ".conf";
}

bool SetupPlace::has_secret(const std::string& name) const {
  return exists(sealed_file(name)) || exists(plain_file(name));
}

SetupPlace::Kept SetupPlace::keep_file(const std::string& name, const std::string& secret) const {
  write_whole(plain_file(name), secret, 0600);
  if (user_) return {"{ file = \"" + plain_file(name) + "\" }", "in " + plain_file(name)};
  return {"{ credential = \"" + name + "\" }", "in " + plain_file(name) + ", readable by root"};
}

SetupPlace::Kept SetupPlace::keep_secret(const std::string& name, const std::string& secret) const {
  if (user_) return keep_file(name, secret);
  const std::string sealed = sealed_file(name);
  const Ran ran =
      run({"systemd-creds", "encrypt", "--name=" + name, "--with-key=auto", "-", sealed}, secret);
  Kept kept;
  if (ran.ok()) {
    ::chmod(sealed.c_str(), 0600);
    kept = {"{ credential = \"" + name + "\" }", "in " + sealed + ", sealed to this machine"};
  } else {
    complain("reeve: this machine seals no secrets (systemd-creds: " + plain(ran.said) +
             "): kept in a plain file");
    ::unlink(sealed.c_str());
    kept = keep_file(name, secret);
  }
  ::unlink(unit_file(name).c_str());
  load_secret(name);
  return kept;
}

bool SetupPlace::load_secret(const std::string& name) const {
  if (user_ || exists(unit_file(name))) return false;
  make_directory(kUnitDirectory, 0755);
  const bool sealed = exists(sealed_file(name));
  const std::string line = sealed ? "LoadCredentialEncrypted=" + name + ":" + sealed_file(name)
                                  : "LoadCredential=" + name + ":" + plain_file(name);
  write_whole(unit_file(name), "# Written by `reeve setup`.\n[Service]\n" + line + "\n", 0644);
  return true;
}

void SetupPlace::drop_secret(const std::string& name) const {
  ::unlink(sealed_file(name).c_str());
  ::unlink(plain_file(name).c_str());
  if (!user_) ::unlink(unit_file(name).c_str());
}

void SetupPlace::apply(bool credentials_changed) const {
  if (::access("/run/systemd/system", F_OK) != 0) return;
  std::vector<std::string> systemctl = {"systemctl"};
  if (user_) systemctl.emplace_back("--user");
  const auto call = [&systemctl](std::vector<std::string> words) {
    words.insert(words.begin(), systemctl.begin(), systemctl.end());
    return run(std::move(words));
  };
  if (!user_ && credentials_changed) call({"daemon-reload"});
  if (!call({"is-active", "--quiet", "reeved.service"}).ok()) return;
  const char* verb = credentials_changed && !user_ ? "restart" : "reload";
  const Ran ran = call({verb, "reeved.service"});
  if (!ran.ok()) {
    throw Failure(kFailed, std::string("systemctl ") + verb + " reeved.service: " +
                               plain(ran.said) + ": see `journalctl -u reeved`");
  }
  print(std::string("reeved was ") + (verb[2] == 's' ? "restarted" : "reloaded") +
        "; whoever asked meanwhile waited");
}

}  // namespace reeve::cli
