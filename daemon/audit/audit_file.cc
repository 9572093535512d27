#include "audit/audit_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "base/log.h"
#include "crypto/hash.h"

namespace reeve {
namespace {

// No record is longer by far; what is torn at the end is shorter.
constexpr off_t kTailBytes = off_t{4} * 1024 * 1024;
constexpr size_t kDigits = 12;

Error unusable(const std::string& path, const std::string& why) {
  return {Code::corrupt, "audit file " + path + ": " + why};
}

Result<Fd> open_file(const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return errno_error("audit file " + path, errno);
  return fd;
}

Result<std::string> read_tail(int fd, off_t size, const std::string& path) {
  std::string tail(static_cast<size_t>(std::min(size, kTailBytes)), '\0');
  const off_t from = size - static_cast<off_t>(tail.size());
  size_t got = 0;
  while (got < tail.size()) {
    const ssize_t count =
        ::pread(fd, tail.data() + got, tail.size() - got, from + static_cast<off_t>(got));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return errno_error("audit file " + path, count < 0 ? errno : EIO);
    got += static_cast<size_t>(count);
  }
  return tail;
}

// The last whole record of a text, and where it ends.
struct LastRecord {
  ChainPoint point;
  size_t end = 0;
};
std::optional<LastRecord> last_record(std::string_view tail) {
  for (size_t end = tail.rfind('\n'); end != std::string_view::npos;
       end = end == 0 ? std::string_view::npos : tail.rfind('\n', end - 1)) {
    const size_t before = end == 0 ? std::string_view::npos : tail.rfind('\n', end - 1);
    const size_t begin = before == std::string_view::npos ? 0 : before + 1;
    if (auto line = split_line(tail.substr(begin, end - begin))) {
      return LastRecord{{line->sequence, std::move(line->chain)}, end + 1};
    }
  }
  return std::nullopt;
}

std::optional<LastRecord> last_record_of(const std::string& path) {
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  struct stat status {};
  if (!fd || ::fstat(fd.get(), &status) != 0) return std::nullopt;
  const auto tail = read_tail(fd.get(), status.st_size, path);
  return tail ? last_record(*tail) : std::nullopt;
}

void sync_directory_of(const std::string& path) {
  const auto directory = std::filesystem::path(path).parent_path();
  const Fd fd(::open(directory.empty() ? "." : directory.c_str(), O_RDONLY | O_DIRECTORY));
  if (!fd || ::fsync(fd.get()) != 0) log(Level::warning, "the audit's directory was not synced");
}

}  // namespace

std::vector<std::string> files_put_aside(const std::string& path) {
  std::vector<std::string> found;
  const std::filesystem::path file(path);
  const std::string prefix = file.filename().string() + ".";
  std::error_code failure;
  std::filesystem::directory_iterator entry(file.has_parent_path() ? file.parent_path() : ".",
                                            failure);
  for (const std::filesystem::directory_iterator end; !failure && entry != end;
       entry.increment(failure)) {
    const std::string name = entry->path().filename().string();
    if (!name.starts_with(prefix) || name.size() != prefix.size() + kDigits) continue;
    if (name.find_first_not_of("0123456789", prefix.size()) != std::string::npos) continue;
    found.push_back(entry->path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

Result<AuditFile> AuditFile::open(const std::string& path) {
  REEVE_TRY(Fd fd, open_file(path));
  AuditFile file(path, std::move(fd));
  REEVE_CHECK(file.find_end());
  return file;
}

Result<void> AuditFile::find_end() {
  struct stat status {};
  if (::fstat(fd_.get(), &status) != 0) return errno_error("audit file " + path_, errno);
  if (!S_ISREG(status.st_mode)) return unusable(path_, "is not a regular file");
  size_ = status.st_size;
  REEVE_TRY(const std::string tail, read_tail(fd_.get(), size_, path_));
  const auto last = last_record(tail);
  // What is longer than any record, or holds whole lines of something else, is not ours.
  const bool torn_first = !last && size_ < kTailBytes && tail.find('\n') == std::string::npos;
  if (!last && size_ > 0 && !torn_first) {
    return unusable(path_, "its end is no audit record: move the file away, reeved begins another");
  }
  const size_t whole = last ? last->end : 0;
  if (last) {
    end_ = last->point;
  } else if (const auto older = files_put_aside(path_); !older.empty()) {
    const auto continued = last_record_of(older.back());
    if (!continued) return unusable(older.back(), "ends in no audit record: move it away");
    end_ = continued->point;
  }
  if (whole == tail.size()) return {};
  needs_newline_ = !tail.ends_with('\n');
  const std::string_view torn = std::string_view(tail).substr(whole);
  torn_ = TornEnd{torn.size(), sha256(torn)};
  return {};
}

Result<void> AuditFile::append(std::string_view line) {
  std::string closed;
  if (needs_newline_) {
    closed = "\n" + std::string(line);
    line = closed;
  }
  const ssize_t count = ::write(fd_.get(), line.data(), line.size());
  if (count == static_cast<ssize_t>(line.size())) {
    size_ += count;
    needs_newline_ = false;
    return {};
  }
  const int number = count < 0 ? errno : ENOSPC;
  // A half line would spoil the next one too.
  if (count > 0 && ::ftruncate(fd_.get(), size_) != 0) {
    log(Level::error, "the audit file has a broken line");
    needs_newline_ = true;
    size_ += count;
  }
  Error error = errno_error("the audit file cannot be written", number);
  error.code = Code::unavailable;
  return error;
}

Result<void> AuditFile::put_aside(const ChainPoint& end) {
  std::array<char, 24> number{};
  std::snprintf(number.data(), number.size(), ".%012llu",
                static_cast<unsigned long long>(end.sequence));
  const std::string aside = path_ + number.data();
  // Never in the place of another.
  if (::renameat2(AT_FDCWD, path_.c_str(), AT_FDCWD, aside.c_str(), RENAME_NOREPLACE) != 0)
    return errno_error(aside, errno);
  REEVE_CHECK(reopen());
  sync_directory_of(path_);
  return {};
}

bool AuditFile::moved() const {
  struct stat ours {
  }, named{};
  if (::fstat(fd_.get(), &ours) != 0) return true;
  if (::stat(path_.c_str(), &named) != 0) return true;
  return ours.st_dev != named.st_dev || ours.st_ino != named.st_ino;
}

Result<void> AuditFile::reopen() {
  REEVE_TRY(Fd fd, open_file(path_));
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return errno_error("audit file " + path_, errno);
  if (status.st_size != 0)
    return unusable(path_, "was put in the place of ours, and is not empty: move it away");
  fd_ = std::move(fd);
  size_ = 0;
  needs_newline_ = false;
  return {};
}

std::vector<std::string> AuditFile::remove_oldest(size_t keep) const {
  std::vector<std::string> aside = files_put_aside(path_), removed;
  for (size_t i = 0; i + keep < aside.size(); ++i) {
    if (::unlink(aside[i].c_str()) == 0)
      removed.push_back(std::filesystem::path(aside[i]).filename().string());
  }
  return removed;
}

Fd AuditFile::duplicate() const { return Fd(::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 3)); }

}  // namespace reeve
