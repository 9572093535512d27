#include "async/service_manager.h"

#include <systemd/sd-daemon.h>

#include <cstdlib>
#include <ctime>

namespace reeve {

Result<std::map<std::string, Fd>> listening_sockets() {
  char** names = nullptr;
  const int count = ::sd_listen_fds_with_names(1, &names);
  if (count < 0) return errno_error("LISTEN_FDS", -count);
  std::map<std::string, Fd> sockets;
  for (int i = 0; i < count; ++i) {
    Fd fd(SD_LISTEN_FDS_START + i);
    sockets[names[i]] = std::move(fd);
    std::free(names[i]);
  }
  std::free(names);
  return sockets;
}

Notifier::Notifier(Loop& loop) : timer_(loop) {
  uint64_t microseconds = 0;
  if (::sd_watchdog_enabled(1, &microseconds) > 0) interval_milliseconds_ = microseconds / 3000;
}

Notifier::~Notifier() { stopping(); }

void Notifier::stopping() { ::sd_notify(0, "STOPPING=1"); }

void Notifier::ready(const std::string& status) {
  ::sd_notify(0, ("READY=1\nSTATUS=" + status).c_str());
  if (interval_milliseconds_ > 0) feed();
}

void Notifier::reloading() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  const int64_t microseconds = static_cast<int64_t>(now.tv_sec) * 1'000'000 + now.tv_nsec / 1000;
  ::sd_notify(0, ("RELOADING=1\nMONOTONIC_USEC=" + std::to_string(microseconds)).c_str());
}

void Notifier::feed() {
  ::sd_notify(0, "WATCHDOG=1");
  timer_.start(static_cast<int64_t>(interval_milliseconds_), [this] { feed(); });
}

}  // namespace reeve
