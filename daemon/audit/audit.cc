#include "audit/audit.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>

#include "async/work.h"
#include "base/log.h"

namespace reeve {
namespace {

constexpr int64_t kSyncMilliseconds = 500;

Error cannot_write(int number) {
  Error error = errno_error("the audit file cannot be written", number);
  error.code = Code::unavailable;
  return error;
}

}  // namespace

Result<std::unique_ptr<Audit>> Audit::open(Loop& loop, const Clock& clock,
                                           const std::string& path) {
  Fd fd(::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (!fd) return errno_error("audit file " + path, errno);
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0) return errno_error("audit file " + path, errno);
  char last = '\n';
  if (status.st_size > 0 && ::pread(fd.get(), &last, 1, status.st_size - 1) == 1 && last != '\n' &&
      ::write(fd.get(), "\n", 1) != 1) {
    return errno_error("audit file " + path, errno);
  }
  return std::make_unique<Audit>(loop, clock, std::move(fd));
}

Audit::Audit(Loop& loop, const Clock& clock, Fd fd)
    : loop_(loop), clock_(clock), fd_(std::move(fd)), tasks_(loop) {}

Result<void> Audit::record(const Event& event) {
  const std::string line = render_event(event, clock_.unix_seconds(), ++sequence_);
  const ssize_t count = ::write(fd_.get(), line.data(), line.size());
  if (count != static_cast<ssize_t>(line.size())) {
    const int number = count < 0 ? errno : ENOSPC;
    // A half line would spoil the next one too.
    if (count > 0 && ::write(fd_.get(), "\n", 1) < 0)
      log(Level::error, "the audit file has a broken line");
    return cannot_write(number);
  }
  for (const auto& told : recorded_) told(event);
  if (!sync_pending_) {
    sync_pending_ = true;
    tasks_.spawn(sync_soon());
  }
  return {};
}

Task<Result<void>> Audit::record_synced(Event event) {
  CO_CHECK(record(event));
  const int fd = fd_.get();
  const int number = co_await work(loop_, [fd] { return ::fdatasync(fd) == 0 ? 0 : errno; });
  if (number != 0) co_return cannot_write(number);
  co_return Result<void>();
}

Task<void> Audit::sync_soon() {
  co_await sleep(loop_, kSyncMilliseconds);
  sync_pending_ = false;
  const int fd = fd_.get();
  const int number = co_await work(loop_, [fd] { return ::fdatasync(fd) == 0 ? 0 : errno; });
  if (number != 0) log(Level::error, cannot_write(number).text);
}

}  // namespace reeve
