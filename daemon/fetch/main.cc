// reeve-fetch: performs the HTTP requests that reeved hands it, all guards in one place. It has no
// vault and no keys; it sees the secrets of the requests it carries.
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

#include "async/service_manager.h"
#include "async/signals.h"
#include "base/log.h"
#include "crypto/key.h"
#include "fetch/fetch_methods.h"
#include "fetch/options.h"
#include "varlink/server.h"

namespace reeve {
namespace {

constexpr size_t kRequests = 256;      // on their way at once
constexpr size_t kHeldAnswers = 1024;  // waiting to be acknowledged
constexpr size_t kConnections = 1024;
constexpr int kBacklog = 512;
// What a clean end waits for held requests: as long as one may take.
constexpr int64_t kEndMilliseconds = kMostMilliseconds + 5'000;

class Peer final : public varlink::ConnectionContext {};

// Nobody reads this process but root: no core, no debugger, no /proc/PID/mem.
void harden() {
  ::prctl(PR_SET_DUMPABLE, 0);
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
  // The C library overwrites what is freed: OpenSSL's records, which we do not allocate.
  ::mallopt(M_PERTURB, 0xa5);
  // libcurl would write the keys of every connection there.
  ::unsetenv("SSLKEYLOGFILE");
  ::signal(SIGPIPE, SIG_IGN);
}

Result<Fd> listening_socket(const Options& options, uid_t peer_uid) {
  if (!options.socket.empty()) {
    // The peer is checked by its uid at accept; another user's must get that far.
    return listen_unix(options.socket, peer_uid == ::geteuid() ? 0600 : 0666);
  }
  const int passed = ::sd_listen_fds(1);
  if (passed != 1) return Error{Code::invalid, "no --socket, and not one socket in LISTEN_FDS"};
  Fd fd(SD_LISTEN_FDS_START);
  if (::sd_is_socket_unix(fd.get(), SOCK_STREAM, 1, nullptr, 0) <= 0) {
    return Error{Code::invalid, "LISTEN_FDS: not a listening Unix stream socket"};
  }
  // Whoever called listen() last is what SO_PEERCRED shows a client.
  if (::listen(fd.get(), kBacklog) != 0) return errno_error("listen", errno);
  return fd;
}

varlink::Admission admit(int fd, uid_t peer_uid) {
  varlink::Admission admission;
  ucred peer{};
  socklen_t size = sizeof peer;
  const bool known = ::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0;
  if (known && peer.uid == peer_uid) {
    admission.context = std::make_unique<Peer>();
    return admission;
  }
  log(Level::warning, "refused a connection of uid " + std::to_string(peer.uid));
  admission.refusal.error = "org.varlink.service.PermissionDenied";
  return admission;
}

Result<void> serve(const Options& options) {
  if (!crypto_init()) return Error{Code::internal, "libsodium does not start"};
  const uid_t peer_uid = options.peer_uid.value_or(::geteuid());
  REEVE_TRY(const auto spool, Spool::open(options.spool));
  REEVE_TRY(Fd listening, listening_socket(options, peer_uid));
  const CurlLibrary library;
  if (!library.ready()) return Error{Code::internal, "libcurl does not start"};

  Loop loop;
  Transport transport(loop, library, options.ca_file);
  Slots slots(kRequests);
  Held held(loop, transport, *spool, kHeldAnswers);
  FetchMethods methods(transport, held, slots);
  varlink::Service service({"reeve-fetch", REEVE_VERSION});
  methods.add_to(service);
  varlink::ServerLimits limits;
  limits.connections = kConnections;
  auto server =
      std::make_unique<varlink::Server>(loop, std::move(listening), service, limits,
                                        [peer_uid](int fd) { return admit(fd, peer_uid); });
  Notifier notifier(loop);

  // No further call is taken; what is held goes on to its end.
  Timer last_end(loop);
  const auto end = [&] {
    notifier.stopping();
    server.reset();
    if (held.running() == 0) return loop.stop();
    held.when_idle([&loop] { loop.stop(); });
    last_end.start(kEndMilliseconds, [&loop] { loop.stop(); });
  };
  const SignalWatch terminated(loop, SIGTERM, end);
  const SignalWatch interrupted(loop, SIGINT, end);
  notifier.ready("serving");
  loop.run();
  return {};
}

}  // namespace
}  // namespace reeve

int main(int count, char** arguments) {
  reeve::harden();
  const auto options = reeve::read_options(count, arguments);
  if (!options) {
    std::fprintf(stderr, "reeve-fetch: %s\n", options.error().text.c_str());
    return 2;
  }
  if (options->help) return std::fputs(reeve::kUsage, stdout) < 0 ? 1 : 0;
  if (options->version) return std::puts("reeve-fetch " REEVE_VERSION) < 0 ? 1 : 0;
  const auto served = reeve::serve(*options);
  if (served) return 0;
  reeve::log(reeve::Level::error, served.error().text);
  return 1;
}
