// service_manager: what a program has from whoever started it: sockets, and somebody to tell that
// it is ready.
//
// systemd's protocols (sd_listen_fds(3), sd_notify(3)); tests/support/launch speaks them too.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "async/timer.h"
#include "base/fd.h"

namespace reeve {

// The sockets handed over, by name (FileDescriptorName=); several of one name: the last. Reads and
// clears the environment, so it is to be called once.
Result<std::map<std::string, Fd>> listening_sockets();

// Tells "ready" and then feeds the watchdog from the loop, if there is one; tells "stopping" when
// it dies.
class Notifier final {
 public:
  explicit Notifier(Loop& loop);
  ~Notifier();
  void ready(const std::string& status);
  // The configuration is about to be read again; ready() follows (Type=notify-reload).
  void reloading();
  // The end has begun, though what is under way may take a while yet.
  void stopping();

 private:
  void feed();

  Timer timer_;
  uint64_t interval_milliseconds_ = 0;
};

}  // namespace reeve
