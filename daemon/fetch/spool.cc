#include "fetch/spool.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>

#include "base/encoding.h"
#include "crypto/random.h"

namespace reeve {
namespace {

constexpr std::string_view kMark = ".part";
constexpr char kEpoch[] = "epoch";
constexpr size_t kEpochBytes = 16;
constexpr size_t kMostSealedBytes = size_t{16} * 1024 * 1024;

std::string mark_of(const std::string& id) { return id + std::string(kMark); }

Result<void> sync(const Fd& fd, std::string_view what) {
  if (::fsync(fd.get()) != 0) return errno_error(what, errno);
  return {};
}

Result<void> write_all(const Fd& fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno_error("write", errno);
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Fd open_in(const Fd& directory, const std::string& name, int flags) {
  return Fd(::openat(directory.get(), name.c_str(), flags | O_NOFOLLOW | O_CLOEXEC, 0600));
}

}  // namespace

bool is_fetch_id(std::string_view id) {
  return id.size() >= 16 && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-';
         });
}

Result<std::unique_ptr<Spool>> Spool::open(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return errno_error(path, errno);
  std::unique_ptr<Spool> spool(new Spool);
  spool->directory_ = Fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!spool->directory_) return errno_error(path, errno);
  struct stat status {};
  if (::fstat(spool->directory_.get(), &status) != 0) return errno_error(path, errno);
  if (status.st_uid != ::geteuid() || (status.st_mode & 077) != 0) {
    return Error{Code::denied, path + ": must belong to this user, with mode 0700"};
  }
  if (::flock(spool->directory_.get(), LOCK_EX | LOCK_NB) != 0) {
    return Error{Code::conflict, path + ": another reeve-fetch uses it"};
  }
  const Result<void> epoch = spool->read_epoch();
  if (!epoch) return in(path, epoch.error());
  const Result<void> listed = spool->list();
  if (!listed) return in(path, listed.error());
  return spool;
}

Result<void> Spool::read_epoch() {
  const Fd file = open_in(directory_, kEpoch, O_RDONLY);
  if (!file && errno != ENOENT) return errno_error(kEpoch, errno);
  if (!file) return make_epoch();
  REEVE_TRY(epoch_, read_all(file.get(), 4096, kEpoch));
  if (epoch_.size() == 2 * kEpochBytes && hex_decode(epoch_)) return {};
  return make_epoch();
}

Result<void> Spool::make_epoch() {
  epoch_ = hex(random_bytes(kEpochBytes));
  const std::string temporary = mark_of(kEpoch);
  const Fd file = open_in(directory_, temporary, O_WRONLY | O_CREAT | O_TRUNC);
  if (!file) return errno_error(temporary, errno);
  REEVE_CHECK(write_all(file, epoch_));
  REEVE_CHECK(sync(file, temporary));
  if (::renameat(directory_.get(), temporary.c_str(), directory_.get(), kEpoch) != 0) {
    return errno_error(kEpoch, errno);
  }
  return sync(directory_, "spool");
}

Result<void> Spool::list() {
  DIR* const stream =
      ::fdopendir(::openat(directory_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (stream == nullptr) return errno_error("spool", errno);
  while (const dirent* entry = ::readdir(stream)) {
    std::string name = entry->d_name;
    const bool mark = name.ends_with(kMark);
    if (mark) name.resize(name.size() - kMark.size());
    if (is_fetch_id(name)) (mark ? begun_ : answered_).push_back(std::move(name));
  }
  ::closedir(stream);
  std::sort(answered_.begin(), answered_.end());
  std::sort(begun_.begin(), begun_.end());
  return {};
}

Result<void> Spool::reserve(const std::string& id, int64_t bytes) const {
  const std::string mark = mark_of(id);
  const Fd file = open_in(directory_, mark, O_WRONLY | O_CREAT | O_EXCL);
  if (!file && errno == EEXIST) return Error{Code::conflict, "spool: the id was begun before"};
  if (!file) return errno_error("spool", errno);
  const int number = ::posix_fallocate(file.get(), 0, std::max<int64_t>(bytes, 1));
  Result<void> done =
      number == 0 ? sync(file, "spool") : Result<void>(errno_error("spool", number));
  if (done) done = sync(directory_, "spool");
  if (!done) ::unlinkat(directory_.get(), mark.c_str(), 0);
  return done;
}

Result<void> Spool::store(const std::string& id, std::string_view sealed) const {
  const std::string mark = mark_of(id);
  const Fd file = open_in(directory_, mark, O_WRONLY);
  if (!file) return errno_error("spool", errno);
  REEVE_CHECK(write_all(file, sealed));
  if (::ftruncate(file.get(), static_cast<off_t>(sealed.size())) != 0) {
    return errno_error("spool", errno);
  }
  REEVE_CHECK(sync(file, "spool"));
  if (::renameat(directory_.get(), mark.c_str(), directory_.get(), id.c_str()) != 0) {
    return errno_error("spool", errno);
  }
  return sync(directory_, "spool");
}

Result<std::string> Spool::read(const std::string& id) const {
  const Fd file = open_in(directory_, id, O_RDONLY);
  if (!file) return errno_error("spool", errno);
  return read_all(file.get(), kMostSealedBytes, "spool");
}

void Spool::release(const std::string& id) const {
  const Fd file = open_in(directory_, mark_of(id), O_WRONLY);
  // Kept or not, the mark is what counts.
  if (file && ::ftruncate(file.get(), 0) != 0) return;
}

void Spool::erase(const std::string& id) const {
  ::unlinkat(directory_.get(), mark_of(id).c_str(), 0);
  ::unlinkat(directory_.get(), id.c_str(), 0);
}

}  // namespace reeve
