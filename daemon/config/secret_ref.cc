#include "config/secret_ref.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>

#include "base/fd.h"

namespace reeve {
namespace {

constexpr size_t secret_limit = size_t{64} * 1024;

Result<Fd> open_regular(const std::string& path) {
  // O_NONBLOCK: a FIFO must not hang us before fstat says what it is.
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK));
  if (!file) {
    if (errno == ELOOP) return Error{Code::denied, "is a symbolic link"};
    Error error = errno_error("open", errno);
    if (errno == ENOENT) error.code = Code::not_found;
    if (errno == EACCES || errno == EPERM) error.code = Code::denied;
    return error;
  }
  return file;
}

Result<void> check_file(int fd, SecretRef::Kind kind) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return errno_error("fstat", errno);
  if (!S_ISREG(status.st_mode)) return Error{Code::denied, "is not a regular file"};
  if (kind == SecretRef::Kind::credential) return {};
  if (status.st_uid != 0 && status.st_uid != ::geteuid()) {
    return Error{Code::denied, "belongs to uid " + std::to_string(status.st_uid) +
                                   "; expected the daemon's user or root"};
  }
  if ((status.st_mode & 077) != 0) {
    return Error{Code::denied, "may be used by its group or by others; chmod 600 it"};
  }
  return {};
}

Result<std::string> path_of(const SecretRef& ref) {
  if (ref.kind == SecretRef::Kind::file) {
    if (!ref.name.starts_with('/')) return Error{Code::invalid, "is not an absolute path"};
    return ref.name;
  }
  if (!valid_credential_name(ref.name)) return Error{Code::invalid, "is not a credential's name"};
  const char* directory = std::getenv("CREDENTIALS_DIRECTORY");
  if (!directory || *directory != '/') {
    return Error{Code::not_found, "there is no $CREDENTIALS_DIRECTORY (LoadCredential= of a unit)"};
  }
  return std::string(directory) + "/" + ref.name;
}

Result<std::string> load(const SecretRef& ref) {
  REEVE_TRY(const std::string path, path_of(ref));
  REEVE_TRY(const Fd file, open_regular(path));
  REEVE_CHECK(check_file(file.get(), ref.kind));
  return read_all(file.get(), secret_limit, "read");
}

}  // namespace

std::string SecretRef::label() const {
  return (kind == Kind::file ? "file " : "credential ") + name;
}

bool valid_credential_name(const std::string& name) {
  return !name.empty() && name.size() <= 255 && name != "." && name != ".." &&
         name.find('/') == std::string::npos && name.find('\0') == std::string::npos;
}

Result<Secret> load_secret_bytes(const SecretRef& ref) {
  auto bytes = load(ref);
  if (!bytes) return in(ref.label(), std::move(bytes).error());
  if (bytes->empty()) return Error{Code::invalid, ref.label() + ": is empty"};
  return Secret(std::move(*bytes));
}

Result<Secret> load_secret(const SecretRef& ref) {
  auto bytes = load(ref);
  if (!bytes) return in(ref.label(), std::move(bytes).error());
  if (bytes->ends_with('\n')) bytes->pop_back();
  if (bytes->empty()) return Error{Code::invalid, ref.label() + ": is empty"};
  return Secret(std::move(*bytes));
}

}  // namespace reeve
