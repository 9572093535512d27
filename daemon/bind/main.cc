// reeve-bind: the session binding service. Builds every part and runs until told to stop.
#include <sys/prctl.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>

#include <csignal>
#include <cstdio>
#include <optional>

#include "async/service_manager.h"
#include "async/signals.h"
#include "base/check.h"
#include "base/log.h"
#include "bind/binder.h"
#include "bind/certificate.h"
#include "bind/http_server.h"
#include "bind/listen_tcp.h"
#include "bind/options.h"
#include "crypto/key.h"

namespace reeve {
namespace {

// Browser secrets and codes pass through: no core, no debugger of the same user. A leak checker
// needs ptrace, so a build with one stays dumpable.
void harden() {
  const rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
#if !defined(__SANITIZE_ADDRESS__) && !defined(REEVE_SANITIZED)
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
#endif
  ::signal(SIGPIPE, SIG_IGN);
}

Result<Fd> listening_socket(const BindOptions& options) {
  const int handed = sd_listen_fds(1);
  if (handed <= 0) return listen_tcp(options.listen);
  if (handed > 1) return Error{Code::invalid, "one socket is to be handed over, there are more"};
  if (sd_is_socket(SD_LISTEN_FDS_START, AF_UNSPEC, SOCK_STREAM, 1) <= 0) {
    return Error{Code::invalid, "the socket handed over does not listen"};
  }
  return Fd(SD_LISTEN_FDS_START);
}

Task<void> ask_site(Loop& loop, BindingClient& reeved, BindingReply& reply) {
  BindingCall call("Site");
  reply = co_await reeved.ask(std::move(call));
  loop.stop();
}

// As reeved tells it.
Result<Site> read_site(const BindingReply& reply) {
  REEVE_TRY(Site site, parse_site(reply.out.text("url")));
  for (const std::string& text :
       reply.out.strings("proxies").value_or(std::vector<std::string>())) {
    if (const auto network = parse_network(text)) site.proxies.push_back(*network);
  }
  return site;
}

// Where browsers reach us: as the command line says, else as reeved's configuration does.
Result<Site> find_site(Loop& loop, BindingClient& reeved, const BindOptions& options) {
  if (!options.url.empty()) return parse_site(options.url);
  BindingReply reply;
  TaskSet tasks(loop);
  tasks.spawn(ask_site(loop, reeved, reply));
  loop.run();
  if (reply) return read_site(reply);
  return Error{Code::unavailable,
               options.socket +
                   " does not tell the binding's url: see `systemctl status reeved`, "
                   "and that [binding.NAME] names this program's user"};
}

// A proxy is one address for everybody, and stands on this host where nobody names it.
HttpLimits limits_at(int listening, const Site& site) {
  HttpLimits limits;
  if (listens_on_loopback(listening) || !site.proxies.empty()) {
    limits.connections_per_address = limits.connections;
  }
  return limits;
}

Result<std::optional<Certificate>> find_certificate(const BindOptions& options, const Site& site) {
  std::optional<Certificate> found;
  if (options.certificate.empty()) return found;
  if (!site.https) {
    return Error{Code::invalid, "--certificate: the binding's url is " + site.origin +
                                    ": expected one that begins with https://"};
  }
  REEVE_TRY(found, read_certificate(options.certificate, options.certificate_key));
  return found;
}

Result<void> run(const BindOptions& options) {
  REEVE_TRY(Fd listening, listening_socket(options));

  Loop loop;
  Notifier notifier(loop);
  const SystemClock clock;
  BindingClient reeved(loop, options.socket);
  REEVE_TRY(Site found, find_site(loop, reeved, options));
  found.brand = options.brand;
  found.proxies.insert(found.proxies.end(), options.proxies.begin(), options.proxies.end());
  if (!options.logo.empty()) {
    REEVE_TRY(found.brand.logo, read_logo(options.logo));
  }
  const Site site = std::move(found);
  REEVE_TRY(const auto certificate, find_certificate(options, site));
  const HttpLimits limits = limits_at(listening.get(), site);
  Binder binder(site, reeved, clock);
  const auto handler = [&binder](Request request) { return binder.answer(std::move(request)); };
  REEVE_TRY(const auto server, HttpServer::start(loop, site, std::move(listening), limits, handler,
                                                 certificate ? &*certificate : nullptr));
  const SignalWatch terminate(loop, SIGTERM, [&loop] { loop.stop(); });
  const SignalWatch interrupt(loop, SIGINT, [&loop] { loop.stop(); });
  log(Level::info, "binder " + options.name + " serves " + site.origin);
  notifier.ready("serving " + site.origin);
  loop.run();
  return {};
}

}  // namespace
}  // namespace reeve

int main(int count, char** arguments) {
  const auto options = reeve::read_options(count, arguments);
  if (!options) {
    std::fprintf(stderr, "reeve-bind: %s\n%s", options.error().text.c_str(), reeve::kUsage);
    return 2;
  }
  if (options->help) return std::fputs(reeve::kUsage, stdout) < 0;
  if (options->version) return std::puts("reeve-bind " REEVE_VERSION) < 0;
  if (!reeve::may_run()) return 1;
  reeve::harden();
  if (!reeve::crypto_init()) {
    reeve::log(reeve::Level::error, "no random source");
    return 1;
  }
  const auto ended = reeve::run(*options);
  if (!ended) {
    reeve::log(reeve::Level::error, ended.error().text);
    return 1;
  }
  return 0;
}
