#include "reeved/daemon.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "base/encoding.h"
#include "base/log.h"
#include "crypto/hash.h"
#include "peer/process.h"
#include "reeved/backup.h"
#include "reeved/fetch_client.h"
#include "reeved/measured.h"
#include "reeved/version.h"
#include "varlink/interfaces.h"

namespace reeve {
namespace {

constexpr int64_t kMaintenanceMilliseconds = 2'000;

bool exists(const std::string& file) { return ::access(file.c_str(), F_OK) == 0; }

// Never a new vault in the place of one that was: its audit tells of it.
Result<void> check_for_lost_vault(const std::string& path, const std::string& audit) {
  if (exists(path) || !exists(audit + ".pub")) return {};
  return Error{Code::not_found,
               "there is no vault " + path + ", but the audit of one, " + audit +
                   ": bring the vault back (reeve restore), or move the audit's files away to "
                   "begin anew"};
}

// The same for a file that is there and empty: what was in it lay in its log.
OpenMode mode_of_vault(const std::string& audit) {
  return exists(audit + ".pub") ? OpenMode::must_exist : OpenMode::create_if_empty;
}

// A name of this machine that tells its id to nobody (machine-id(5)).
std::string machine_name() {
  const auto id = read_file("/etc/machine-id", 256);
  return hex(sha256("reeve-machine-v1" + (id ? *id : std::string("unknown")))).substr(0, 32);
}

varlink::ServerLimits server_limits(const LimitsConfig& limits) {
  varlink::ServerLimits made;
  made.frame_bytes = static_cast<size_t>(limits.frame_bytes);
  made.connections = static_cast<size_t>(limits.connections);
  made.frame_milliseconds = limits.frame_seconds * 1000;
  made.write_milliseconds = limits.frame_seconds * 1000;
  made.idle_milliseconds = limits.idle_seconds * 1000;
  made.calls_per_turn = static_cast<int>(limits.calls_per_connection);
  return made;
}

std::optional<ucred> credentials(int fd) {
  ucred found{};
  socklen_t length = sizeof found;
  if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &found, &length) != 0) return std::nullopt;
  return found;
}

varlink::Admission admitted() {
  varlink::Admission admission;
  admission.context = std::make_unique<varlink::ConnectionContext>();
  return admission;
}

varlink::Admission refused(std::string error, std::string parameters) {
  varlink::Admission admission;
  admission.refusal = varlink::Reply::failure(std::move(error), std::move(parameters));
  return admission;
}

// Who shares one allowance of connections: a container, whatever uids it uses; else a uid.
std::string holder_of(const Peer& peer) {
  return peer.container ? *peer.container : "uid:" + std::to_string(peer.uid);
}

// Counts its holder's connections while it lives.
class CountedContext final {
 public:
  CountedContext(std::map<std::string, size_t>& counts, std::string holder)
      : counts_(counts), holder_(std::move(holder)) {
    ++counts_[holder_];
  }
  ~CountedContext() {
    if (--counts_[holder_] == 0) counts_.erase(holder_);
  }

 private:
  std::map<std::string, size_t>& counts_;
  const std::string holder_;
};

}  // namespace

HttpClientMaker Daemon::client_maker(Loop& loop, const Config& config) {
  return [&loop, directory = config.daemon.runtime_directory,
          milliseconds = config.limits.fetch_seconds *
                         1000](const ClientConfig& client) -> std::shared_ptr<HttpClient> {
    return std::make_shared<FetchClient>(
        loop, FetchClient::Target{directory + "/fetch-" + client.fetch + ".sock",
                                  client.loopback_http, client.private_addresses, milliseconds});
  };
}

LoadedSetup Daemon::load_setup(Loop& loop, const DaemonOptions& options) {
  ConfigOutcome outcome = read_config(options.config_file, options.config);
  LoadedSetup loaded{nullptr, std::move(outcome.errors), std::move(outcome.warnings)};
  if (!outcome.config) return loaded;
  const auto make_client = client_maker(loop, *outcome.config);
  auto setup = make_setup(std::move(*outcome.config), make_client);
  if (setup) loaded.setup = std::move(*setup);
  else loaded.errors.push_back(setup.error().text);
  return loaded;
}

Result<Daemon::Foundation> Daemon::open_foundation(Loop& loop, const Setup& setup) {
  Foundation foundation;
  foundation.clock = std::make_unique<SystemClock>();
  const DaemonConfig& config = setup.config.daemon;
  const std::string path = config.state_directory + "/vault.db";
  REEVE_CHECK(check_for_lost_vault(path, config.audit));
  REEVE_TRY(foundation.vault,
            open_vault(loop, path, setup.config.vault, mode_of_vault(config.audit)));
  REEVE_TRY(foundation.audit, open_audit(loop, *foundation.clock, *foundation.vault, config.audit));
  REEVE_TRY(foundation.boot, boot_id());
  foundation.machine = machine_name();
  return foundation;
}

Daemon::Daemon(Loop& loop, DaemonOptions options, SetupRef setup, Foundation foundation)
    : loop_(loop),
      options_(std::move(options)),
      setup_(std::move(setup)),
      foundation_(std::move(foundation)),
      time_(*foundation_.clock, *foundation_.vault, foundation_.boot),
      engine_(loop, *foundation_.clock),
      sessions_(*foundation_.vault, *foundation_.clock, foundation_.boot),
      grants_(*foundation_.vault, seal_),
      usage_(*foundation_.vault, grants_),
      browsers_(*foundation_.vault, *foundation_.clock, foundation_.boot),
      intents_(*foundation_.vault),
      revocations_(
          {loop, *foundation_.clock, setup_, engine_, *foundation_.vault, *foundation_.audit}),
      consents_(*foundation_.vault, *foundation_.clock, foundation_.boot),
      lender_({loop, *foundation_.clock, setup_, engine_, sessions_, grants_, consents_, announcer_,
               *foundation_.audit, intents_, revocations_}),
      sign_in_(
          {*foundation_.clock, setup_, engine_, browsers_, *foundation_.audit, foundation_.boot}),
      unix_desk_({*foundation_.clock, setup_, browsers_, *foundation_.audit, foundation_.machine}),
      desk_({loop, *foundation_.clock, setup_, engine_, sessions_, grants_, consents_, browsers_,
             announcer_, *foundation_.audit, foundation_.boot, intents_, revocations_}),
      logout_({*foundation_.clock, setup_, engine_, browsers_, *foundation_.audit}),
      attestor_(loop, *foundation_.clock),
      agent_methods_({loop, *foundation_.clock, setup_, engine_, sessions_, grants_, consents_,
                      lender_, announcer_, *foundation_.audit, unix_desk_}),
      binding_methods_(
          {setup_, browsers_, consents_, grants_, sign_in_, unix_desk_, desk_, logout_}),
      admin_methods_({*foundation_.clock, setup_, sessions_, grants_, consents_, desk_,
                      revocations_, *foundation_.audit, options_.config.same_user,
                      foundation_.clock->unix_seconds(), [this] { return reload(); },
                      client_maker(loop, setup_.get()->config), &attestor_}),
      event_methods_({loop, setup_, feed_}),
      keys_(*foundation_.clock, *foundation_.vault, *foundation_.audit),
      upkeep_methods_({loop, *foundation_.clock, setup_, *foundation_.vault, *foundation_.audit,
                       keys_, metrics_, sessions_, grants_, consents_,
                       foundation_.clock->unix_seconds()}),
      agent_service_({"reeved", kVersion}),
      binding_service_({"reeved", kVersion}),
      admin_service_({"reeved", kVersion}),
      audit_heads_(loop, *foundation_.vault, *foundation_.audit),
      maintenance_(loop),
      tasks_(loop) {
  agent_service_.add(interfaces::io_reeve_Agent_varlink,
                     measured(agent_methods_.table(), metrics_));
  binding_service_.add(interfaces::io_reeve_Binding_varlink, binding_methods_.table());
  varlink::MethodTable admin = admin_methods_.table();
  event_methods_.add_to(admin);
  admin.merge(upkeep_methods_.table());
  admin_service_.add(interfaces::io_reeve_Admin_varlink, std::move(admin));
  foundation_.audit->on_record([this](const Event& event) {
    metrics_.count(event);
    feed_.tell(event, foundation_.clock->unix_seconds(), foundation_.audit->sequence());
  });
  engine_.on_exchange([this](const Server& server, std::string_view what, double seconds) {
    metrics_.exchanged(server.name, what, seconds);
  });
  tasks_.spawn(keys_.resume());
  tasks_.spawn(tell_of_restore(*foundation_.vault, *foundation_.audit));
  sessions_.on_end([this](const Session& session) {
    announcer_.to_session(session.id, {"session_ended", "", ""});
  });
}

Result<std::unique_ptr<Daemon>> Daemon::start(Loop& loop, DaemonOptions options, SetupRef setup,
                                              Sockets sockets) {
  for (const char* name : {"agent", "bind", "admin"}) {
    if (!sockets.contains(name))
      return Error{Code::invalid, std::string("no socket named ") + name + " was handed over"};
  }
  REEVE_TRY(Foundation foundation, open_foundation(loop, *setup));
  std::unique_ptr<Daemon> daemon(
      new Daemon(loop, std::move(options), std::move(setup), std::move(foundation)));
  REEVE_CHECK(daemon->load_state());
  daemon->apply_limits();
  daemon->listen(std::move(sockets));
  daemon->settle();
  daemon->maintain();
  return daemon;
}

Result<void> Daemon::load_state() {
  REEVE_CHECK(time_.load());
  REEVE_CHECK(sessions_.load());
  REEVE_CHECK(grants_.load());
  usage_.load();
  REEVE_CHECK(browsers_.load());
  REEVE_CHECK(intents_.load());
  REEVE_CHECK(revocations_.load());
  return consents_.load();
}

void Daemon::apply_limits() {
  const DaemonConfig& daemon = setup_.get()->config.daemon;
  foundation_.audit->set_limits(
      {daemon.audit_megabytes * 1024 * 1024, static_cast<size_t>(daemon.audit_files)});
  const LimitsConfig& limits = setup_.get()->config.limits;
  attestor_.set_place(
      {daemon.runtime_directory + "/attest.sock", daemon.attest, options_.config.same_user});
  sessions_.set_limits(
      {static_cast<size_t>(limits.sessions), static_cast<size_t>(limits.sessions_per_workload)});
  browsers_.set_limits({static_cast<size_t>(limits.browsers),
                        static_cast<size_t>(limits.browsers_per_user),
                        limits.sign_in_idle_seconds});
  consents_.set_limits(
      {static_cast<size_t>(limits.consents), static_cast<size_t>(limits.consents_per_workload),
       static_cast<size_t>(limits.consents_per_user), static_cast<size_t>(limits.tickets),
       static_cast<size_t>(limits.tickets_per_consent), limits.consent_seconds});
}

void Daemon::listen(Sockets sockets) {
  const varlink::ServerLimits common = server_limits(setup_.get()->config.limits);
  varlink::ServerLimits agents = common;
  agents.senders = true;
  agents.crowded = "io.reeve.Agent.LimitReached";
  const auto serve = [&](const char* name, const varlink::Service& service,
                         const varlink::ServerLimits& limits, varlink::Admit admit) {
    Fd& fd = sockets.at(name);
    // SO_PEERCRED shows a client whoever called listen() last: that shall be us.
    if (::listen(fd.get(), 512) != 0) log(Level::warning, errno_error(name, errno).text);
    servers_.push_back(
        std::make_unique<varlink::Server>(loop_, std::move(fd), service, limits, std::move(admit)));
  };
  serve("agent", agent_service_, agents, [this](int fd) { return admit_agent(fd); });
  serve("bind", binding_service_, common, [this](int fd) { return admit_binder(fd); });
  serve("admin", admin_service_, common, [this](int fd) { return admit_admin(fd); });
}

varlink::Admission Daemon::admit_agent(int fd) {
  auto attested = attest(fd, options_.attest);
  if (!attested) {
    log(Level::warning, "a caller was turned away: " + attested.error().text);
    return {};
  }
  const std::string holder = holder_of(attested->peer);
  const auto count = connections_.find(holder);
  const auto limit = static_cast<size_t>(setup_.get()->config.limits.connections_per_uid);
  if (count != connections_.end() && count->second >= limit) {
    return refused("io.reeve.Agent.LimitReached",
                   R"({"limit":"connections_per_uid","retry_after":30})");
  }
  auto counted = std::make_shared<CountedContext>(connections_, holder);
  varlink::Admission admission;
  admission.context =
      std::make_unique<AgentContext>(loop_, AgentContext::Parts{setup_, &attestor_, &strangers_},
                                     std::move(*attested), fd, std::move(counted));
  return admission;
}

varlink::Admission Daemon::admit_binder(int fd) const {
  const Setup& setup = *setup_.get();
  Peer peer;
  Fd pidfd;
  if (const auto found = credentials(fd)) peer.uid = found->uid;
  if (setup.binders_are_workloads() || setup.has_unix_binding()) {
    auto attested = attest(fd, options_.attest);
    if (!attested) {
      log(Level::warning, "a binder was turned away: " + attested.error().text);
      return {};
    }
    peer = std::move(attested->peer);
    pidfd = std::move(attested->pidfd);
  }
  if (const BindingConfig* const binding = setup.binding_of(peer)) {
    varlink::Admission admission;
    admission.context =
        std::make_unique<BinderContext>(std::move(peer), std::move(pidfd), binding->name);
    return admission;
  }
  log(Level::warning, "uid " + std::to_string(peer.uid) + " was turned away from bind.sock");
  return refused("org.varlink.service.PermissionDenied", "{}");
}

varlink::Admission Daemon::admit_admin(int fd) const {
  const auto attested = attest(fd, options_.attest);
  if (!attested) return {};
  const Peer& peer = attested->peer;
  const gid_t group = setup_.get()->config.daemon.admin_gid;
  const bool member =
      !options_.config.same_user &&
      (peer.gid == group || std::binary_search(peer.groups.begin(), peer.groups.end(), group));
  if (peer.uid == 0 || peer.uid == ::getuid() || member) return admitted();
  return refused("org.varlink.service.PermissionDenied", "{}");
}

AdminMethods::Reloaded Daemon::reload() {
  LoadedSetup loaded = load_setup(loop_, options_);
  if (loaded.setup != nullptr) {
    setup_.swap(std::move(loaded.setup));
    apply_limits();
    log(Level::notice, "the configuration was read again");
  }
  if (const auto reopened = foundation_.audit->reopen(); !reopened)
    loaded.errors.push_back(reopened.error().text);
  for (const std::string& error : loaded.errors) log(Level::error, error);
  return {std::move(loaded.errors), std::move(loaded.warnings)};
}

// What was under way when the last process ended.
void Daemon::settle() {
  tasks_.spawn(lender_.forget_strangers());
  lender_.settle_open();
  desk_.resume();
}

void Daemon::maintain() {
  if (const auto said = time_.look()) log(Level::warning, *said);
  maintenance_.start(kMaintenanceMilliseconds, [this] {
    lender_.settle_open();
    revocations_.retry_due();
    tasks_.spawn(purge());
    maintain();
  });
}

Task<void> Daemon::purge() {
  desk_.give_back_unconfirmed();
  std::vector<Change> changes = sessions_.purge();
  for (Change& change : browsers_.purge()) changes.push_back(std::move(change));
  for (Change& change : consents_.purge()) changes.push_back(std::move(change));
  for (Change& change : usage_.changes(foundation_.clock->unix_seconds()))
    changes.push_back(std::move(change));
  for (Change& change : time_.changes()) changes.push_back(std::move(change));
  if (changes.empty()) co_return;
  const auto committed = co_await foundation_.vault->commit(std::move(changes));
  if (!committed) log(Level::error, committed.error().text);
}

}  // namespace reeve
