// reeve-attest: tells reeved what takes privileges to see of a caller. See reeve-attest(8).
//
// What a service manager has to give it:
//  - user root, for the engines' sockets, with CAP_SYS_PTRACE (other users' /proc/PID/exe and ns/)
//    and CAP_DAC_READ_SEARCH (executables that only their users may read); no other capability;
//  - the host's /proc in full (no ProtectProc=, no PrivatePIDs=, no PrivateUsers=) and its mount
//    tree to read (ProtectSystem=strict is fine, ProtectHome= hides programs that lie there);
//    the engines' sockets under /run;
//  - one listening Unix stream socket, $RUNTIME/attest.sock, mode 0600, of reeved's user, as
//    LISTEN_FDS or --socket, and --peer-uid with reeved's uid;
//  - no network (RestrictAddressFamilies=AF_UNIX, PrivateNetwork=yes), no state, no secrets;
//  - Type=notify; it feeds a watchdog.
// reeved goes on without it: what it tells is absent meanwhile.
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "async/service_manager.h"
#include "async/signals.h"
#include "async/unix_socket.h"
#include "attest/evidence_methods.h"
#include "attest/options.h"
#include "base/log.h"
#include "base/sandbox.h"
#include "crypto/key.h"
#include "varlink/server.h"

namespace reeve {
namespace {

constexpr int kBacklog = 512;

Result<Fd> listening_socket(const AttesterOptions& options, uid_t peer_uid) {
  if (!options.socket.empty()) {
    // The peer is checked by its uid at accept; another user's must get that far.
    return listen_unix(options.socket, peer_uid == ::geteuid() ? 0600 : 0666);
  }
  REEVE_TRY(auto sockets, listening_sockets());
  if (sockets.size() != 1)
    return Error{Code::invalid, "no --socket, and not one socket in LISTEN_FDS"};
  Fd fd = std::move(sockets.begin()->second);
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
    admission.context = std::make_unique<varlink::ConnectionContext>();
    return admission;
  }
  log(Level::warning, "refused a connection of uid " + std::to_string(peer.uid));
  admission.refusal.error = "org.varlink.service.PermissionDenied";
  return admission;
}

Result<void> serve(const AttesterOptions& options) {
  const uid_t peer_uid = options.peer_uid.value_or(::geteuid());
  REEVE_TRY(Fd listening, listening_socket(options, peer_uid));
  if (!crypto_init() || !start_engine_library())
    return Error{Code::internal, "a library does not start"};
  REEVE_CHECK(drop_network_and_exec());

  Loop loop;
  const SystemClock clock;
  Executables executables(loop, options.largest);
  Engines engines(loop, clock, options.engines, ::geteuid());
  EvidenceMethods methods(executables, engines);
  varlink::Service service({"reeve-attest", REEVE_VERSION});
  methods.add_to(service);
  varlink::ServerLimits limits;
  limits.descriptors = 1;
  Notifier notifier(loop);
  const varlink::Server server(loop, std::move(listening), service, limits,
                               [peer_uid](int fd) { return admit(fd, peer_uid); });
  const auto stop = [&loop] { loop.stop(); };
  const SignalWatch terminated(loop, SIGTERM, stop), interrupted(loop, SIGINT, stop);
  notifier.ready("serving");
  loop.run();
  return {};
}

}  // namespace
}  // namespace reeve

int main(int count, char** arguments) {
  ::signal(SIGPIPE, SIG_IGN);
  const auto options = reeve::read_attester_options(count, arguments);
  if (!options) {
    std::fprintf(stderr, "reeve-attest: %s\n", options.error().text.c_str());
    return 2;
  }
  if (options->help) return std::fputs(reeve::kAttesterUsage, stdout) < 0 ? 1 : 0;
  if (options->version) return std::puts("reeve-attest " REEVE_VERSION) < 0 ? 1 : 0;
  const auto served = reeve::serve(*options);
  if (served) return 0;
  reeve::log(reeve::Level::error, served.error().text);
  return 1;
}
