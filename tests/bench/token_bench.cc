// token_bench: what GetToken of a cached token costs, as a ratio to the raw Unix-socket round trip
// of the same bytes; and what libreeve adds to that.
//
// One run, everything pinned to one CPU, rounds of both interleaved, medians. The real reeved
// serves, with its own filter and its audit file on; its vault is seeded here with one grant and a
// 1,200-byte token. Not a test: it prints.
//
//   token_bench REEVED PRESETS [GRANTS]     (the program, and data/providers)
//
// It says too what of the call is its audit: such a record, written by the same code to a file
// beside reeved's, on the same CPU, with the checkpoints that come of it; the syncs are another
// thread's, once a second. A reeved without an audit to compare with there is none.
//
// With GRANTS there are so many in the vault, of as many users, each with a token: it also says how
// long reeved took to start, and how much memory it has for each.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include "async/unix_socket.h"
#include "audit/audit.h"
#include "base/json.h"
#include "config/read_config.h"
#include "reeve.h"
#include "session/grant_record.h"
#include "session/grants.h"
#include "session/setup.h"
#include "support/run.h"
#include "vault/store_sqlite.h"

namespace {

using namespace reeve;
using Time = std::chrono::steady_clock;

constexpr int kRounds = 15;
constexpr int kCalls = 4000;
constexpr size_t kTokenBytes = 1200;

[[noreturn]] void give_up(const std::string& what) {
  std::fprintf(stderr, "token_bench: %s\n", what.c_str());
  std::exit(1);
}

template <class T>
T must(Result<T> result) {
  if (!result) give_up(result.error().text);
  return std::move(*result);
}

std::string config_text(const std::string& directory) {
  return "[daemon]\nruntime_directory = \"" + directory + "\"\nstate_directory = \"" + directory +
         "\"\n[vault]\nmaster_key = { file = \"" + directory +
         "/key\" }\n[binding.main]\nurl = \"http://127.0.0.1:1\"\n"
         "[issuer.corp]\nissuer = \"http://127.0.0.1:2\"\nloopback_http = true\nclient_id = "
         "\"reeve\"\n"
         "[provider.files]\nloopback_http = true\nclient_id = \"c\"\nscopes = [\"read\"]\n"
         "endpoints = { authorization = \"http://127.0.0.1:3/a\", token = \"http://127.0.0.1:3/t\" "
         "}\n"
         "[workload.bench]\nmatch = { uid = " +
         std::to_string(::getuid()) +
         " }\nassert = [\"corp\"]\nallow = [ { provider = \"files\" } ]\n";
}

Grant grant_of(const Server& server, const std::string& user) {
  Grant grant;
  grant.id = new_grant_id();
  grant.user = {"http://127.0.0.1:2", user, "sub", ""};
  grant.context = server.context;
  grant.provider = "files";
  grant.account_id = grant.account_label = user;
  grant.holder = "workload:bench";
  grant.workload = "bench";
  grant.issuer = server.grant_issuer();
  grant.client_id = "c";
  grant.requested = grant.granted = {"read"};
  grant.created_at = ::time(nullptr);
  return grant;
}

// The grants of others, with a refresh token and an access token each; many in one commit.
void seed_others(Loop& loop, Vault& vault, const Grants& grants, const Server& server, long count) {
  std::vector<Change> changes;
  for (long i = 1; i <= count; ++i) {
    const Grant grant = grant_of(server, "user-" + std::to_string(i));
    AccessToken token;
    token.id = "t";
    token.scopes = token.carried = {"read"};
    token.token_type = "Bearer";
    token.issued_at = grant.created_at;
    token.expires_at = grant.created_at + 86400;
    changes.push_back(grants.grant_change(grant, std::string(64, 'r')));
    changes.push_back(grants.token_change(grant, token, std::string(kTokenBytes, 'o')));
    if (i % 4096 != 0 && i != count) continue;
    if (!test::run(loop, vault.commit(std::exchange(changes, {})))) give_up("commit");
  }
}

// One grant of alice for the workload "bench", whose token lives a day.
void seed(const std::string& directory, const ConfigOptions& options, long grants_wanted) {
  ConfigOutcome outcome = read_config(directory + "/reeve.toml", options);
  if (!outcome.config) give_up(outcome.errors.front());
  const SetupRef setup =
      must(make_setup(std::move(*outcome.config), [](const ClientConfig&) { return nullptr; }));
  const Server& server = *setup->providers.at("files");
  Loop loop;
  auto store = must(open_sqlite_store(directory + "/vault.db", OpenMode::create_if_empty));
  const auto vault = must(Vault::open(
      loop, std::move(store), *Key::from_bytes(std::string(32, 'k')), OpenMode::create_if_empty));
  MemorySeal seal;
  Grants grants(*vault, seal);
  seed_others(loop, *vault, grants, server, grants_wanted - 1);
  Grant grant = grant_of(server, "alice");
  std::vector<NewToken> tokens;
  tokens.push_back({"",
                    {"read"},
                    {"read"},
                    "Bearer",
                    Secret(std::string(kTokenBytes, 't')),
                    grant.created_at,
                    grant.created_at + 86400});
  must(test::run(loop, grants.put(std::move(grant), std::nullopt, std::move(tokens))));
}

pid_t start_reeved(const std::string& directory, char** argv) {
  const std::vector<std::string> names = {"agent", "bind", "admin"};
  std::vector<Fd> sockets;
  for (const std::string& name : names)
    sockets.push_back(must(listen_unix(directory + "/" + name, 0600)));
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  for (int i = 0; i < 3; ++i) ::dup2(sockets[static_cast<size_t>(i)].get(), 100 + i);
  for (int i = 0; i < 3; ++i) ::dup2(100 + i, 3 + i);
  ::setenv("LISTEN_PID", std::to_string(::getpid()).c_str(), 1);
  ::setenv("LISTEN_FDS", "3", 1);
  ::setenv("LISTEN_FDNAMES", "agent:bind:admin", 1);
  ::execl(argv[1], argv[1], "--same-user", "--config", (directory + "/reeve.toml").c_str(),
          "--presets", argv[2], nullptr);
  ::_exit(127);
}

int connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.sun_path);
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  for (int i = 0; i < 500; ++i) {
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
    ::usleep(10'000);
  }
  give_up("cannot connect to " + path);
}

// Sends the request and reads one reply, to its NUL.
void exchange(int fd, const std::string& request, std::string& reply) {
  if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size()))
    give_up("send");
  reply.resize(16384);
  size_t got = 0;
  do {
    const ssize_t count = ::recv(fd, reply.data() + got, reply.size() - got, 0);
    if (count <= 0) give_up("the connection ended");
    got += static_cast<size_t>(count);
  } while (reply[got - 1] != '\0');
  reply.resize(got);
}

// Answers each request of that size with that many bytes: the yardstick.
pid_t start_echo(int fd, size_t request, size_t reply) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  std::string in(request, 0), out(reply, 'x');
  out.back() = '\0';
  while (true) {
    for (size_t got = 0; got < request;) {
      const ssize_t count = ::recv(fd, in.data() + got, request - got, 0);
      if (count <= 0) ::_exit(0);
      got += static_cast<size_t>(count);
    }
    if (::send(fd, out.data(), out.size(), MSG_NOSIGNAL) < 0) ::_exit(0);
  }
}

struct Round {
  double rate = 0;  // calls a second
  std::vector<double> microseconds;
};

// `calls` exchanges spread over the connections, one at a time each, from one thread.
Round measure(const std::vector<int>& fds, const std::string& request, int calls) {
  Round round;
  std::string reply;
  const auto begin = Time::now();
  for (int i = 0; i < calls;) {
    // All clients ask, then all read: with 8, eight calls are under way.
    const auto asked = Time::now();
    for (const int fd : fds) {
      if (::send(fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) give_up("send");
    }
    for (const int fd : fds) {
      reply.resize(16384);
      size_t got = 0;
      do {
        const ssize_t count = ::recv(fd, reply.data() + got, reply.size() - got, 0);
        if (count <= 0) give_up("the connection ended");
        got += static_cast<size_t>(count);
      } while (reply[got - 1] != '\0');
      round.microseconds.push_back(
          std::chrono::duration<double, std::micro>(Time::now() - asked).count());
      ++i;
    }
  }
  round.rate = calls / std::chrono::duration<double>(Time::now() - begin).count();
  return round;
}

double median(std::vector<double> values, double part = 0.5) {
  std::sort(values.begin(), values.end());
  return values[static_cast<size_t>(static_cast<double>(values.size() - 1) * part)];
}

double cpu_seconds(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/stat");
  std::string text((std::istreambuf_iterator<char>(file)), {});
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  double user = 0, system = 0;
  for (int i = 3; i < 14; ++i) fields >> skipped;
  fields >> user >> system;
  return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

double resident(pid_t pid) {
  std::ifstream file("/proc/" + std::to_string(pid) + "/statm");
  double size = 0, pages = 0;
  file >> size >> pages;
  return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

void compare(const std::string& socket, const std::string& request, size_t reply_bytes, int clients,
             pid_t reeved) {
  std::vector<int> fds, raw;
  std::vector<pid_t> echoes;
  for (int i = 0; i < clients; ++i) {
    fds.push_back(connect_to(socket));
    int pair[2];
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) give_up("socketpair");
    echoes.push_back(start_echo(pair[1], request.size(), reply_bytes));
    ::close(pair[1]);
    raw.push_back(pair[0]);
  }
  measure(fds, request, kCalls / 4);
  measure(raw, request, kCalls / 4);
  std::vector<double> ratios, token_rates, raw_rates, times;
  double cpu = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Round plain = measure(raw, request, kCalls);
    const double before = cpu_seconds(reeved);
    const Round token = measure(fds, request, kCalls);
    cpu += cpu_seconds(reeved) - before;
    ratios.push_back(token.rate / plain.rate);
    token_rates.push_back(token.rate);
    raw_rates.push_back(plain.rate);
    times.insert(times.end(), token.microseconds.begin(), token.microseconds.end());
  }
  std::printf(
      "%d client%s: raw %.0f/s, GetToken %.0f/s, ratio %.2f (%.2f to %.2f), p50 %.1f us, p99 %.1f "
      "us, reeved's CPU %.1f us a call\n",
      clients, clients == 1 ? "" : "s", median(raw_rates), median(token_rates), median(ratios),
      median(ratios, 0.1), median(ratios, 0.9), median(times), median(times, 0.99),
      cpu * 1e6 / (kRounds * kCalls));
  for (const int fd : fds) ::close(fd);
  for (const int fd : raw) ::close(fd);
  for (const pid_t pid : echoes) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
}

// The same call through libreeve: what it costs beside the socket alone.
Round measure_library(reeve_connection* connection, const std::string& session, int calls) {
  Round round;
  reeve_token_request ask = REEVE_TOKEN_REQUEST_INIT;
  ask.provider = "files";
  const auto begin = Time::now();
  for (int i = 0; i < calls; ++i) {
    const auto asked = Time::now();
    reeve_token* token = nullptr;
    const reeve_error error = reeve_get_token(connection, session.c_str(), &ask, 5000, &token);
    if (error != REEVE_OK) give_up(reeve_strerror(error));
    reeve_free_token(token);
    round.microseconds.push_back(
        std::chrono::duration<double, std::micro>(Time::now() - asked).count());
  }
  round.rate = calls / std::chrono::duration<double>(Time::now() - begin).count();
  return round;
}

void compare_library(const std::string& socket, const std::string& session,
                     const std::string& request) {
  const std::vector<int> fds = {connect_to(socket)};
  reeve_connection* connection = nullptr;
  const reeve_error error = reeve_connect(socket.c_str(), 5000, &connection);
  if (error != REEVE_OK) give_up(std::string(reeve_strerror(error)) + " " + reeve_detail());
  measure(fds, request, kCalls / 4);
  measure_library(connection, session, kCalls / 4);
  std::vector<double> ratios, plain_times, library_times;
  for (int round = 0; round < kRounds; ++round) {
    const Round plain = measure(fds, request, kCalls);
    const Round library = measure_library(connection, session, kCalls);
    ratios.push_back(library.rate / plain.rate);
    plain_times.push_back(median(plain.microseconds));
    library_times.push_back(median(library.microseconds));
  }
  std::printf(
      "libreeve: GetToken by a raw socket p50 %.1f us, by libreeve p50 %.1f us, ratio %.2f "
      "(%.2f to %.2f)\n",
      median(plain_times), median(library_times), median(ratios), median(ratios, 0.1),
      median(ratios, 0.9));
  reeve_free_connection(connection);
  ::close(fds[0]);
}

// What the record of a lent token costs whoever lends it.
void measure_audit(const std::string& directory) {
  Loop loop;
  const SystemClock clock;
  AuditOptions options{directory + "/audit-alone", SigningKey::from_seed(Key::random()), {}};
  options.journal = "";
  const auto audit = must(Audit::open(loop, clock, std::move(options)));
  const std::string actor =
      render_actor({"bench", {{"uid", "0"}, {"gid", "0"}, {"cgroup", "/bench"}}, "agent"});
  const std::vector<std::string> scopes = {"read"};
  Event event;
  event.name = "token.lent";
  event.actor = actor;
  event.issuer = "http://127.0.0.1:2";
  event.subject = event.account = "alice";
  event.provider = "files";
  event.scopes = &scopes;
  event.grant = event.session = "0123456789abcdef01234567";
  event.token_hash = "0123456789abcdefghijkl";
  event.outcome = "ok";
  event.rule = "bench";
  std::vector<double> times;
  for (int round = 0; round < kRounds; ++round) {
    const auto begin = Time::now();
    for (int i = 0; i < kCalls; ++i) {
      if (!audit->record(event)) give_up("audit");
    }
    times.push_back(std::chrono::duration<double, std::micro>(Time::now() - begin).count() /
                    kCalls);
  }
  std::printf("audit: %.1f us a record (%.1f to %.1f), of the GetToken above\n", median(times),
              median(times, 0.1), median(times, 0.9));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) give_up("usage: token_bench REEVED PRESETS [GRANTS]");
  const long grants = argc == 4 ? std::max(1L, std::atol(argv[3])) : 1;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  ::sched_setaffinity(0, sizeof one, &one);
  if (!crypto_init()) give_up("no random source");
  char name[] = "/tmp/reeve-bench.XXXXXX";
  const std::string directory = ::mkdtemp(name);
  std::ofstream(directory + "/reeve.toml") << config_text(directory);
  std::ofstream(directory + "/key") << std::string(32, 'k');
  ::chmod((directory + "/key").c_str(), 0600);
  ConfigOptions options;
  options.same_user = true;
  options.preset_directory = argv[2];
  seed(directory, options, grants);
  const auto begun = Time::now();
  const pid_t reeved = start_reeved(directory, argv);
  const std::string socket = directory + "/agent";
  const int fd = connect_to(socket);
  std::string reply;
  exchange(fd,
           std::string(R"({"method":"io.reeve.Agent.OpenSession","parameters":{"as":"asserted",)"
                       R"("user":{"issuer":"http://127.0.0.1:2","subject":"alice"}}})") +
               '\0',
           reply);
  if (argc == 4) {
    std::printf("%ld grants: first answer after %.2f s, %.0f octets of memory for each\n", grants,
                std::chrono::duration<double>(Time::now() - begun).count(),
                resident(reeved) / static_cast<double>(grants));
  }
  const auto opened = parse_json(std::string_view(reply).substr(0, reply.size() - 1));
  const std::string session =
      opened && opened->find("parameters") ? opened->find("parameters")->text("session") : "";
  if (session.empty()) give_up(reply);
  const std::string request = R"({"method":"io.reeve.Agent.GetToken","parameters":{"session":")" +
                              session + R"(","provider":"files"}})" + '\0';
  exchange(fd, request, reply);
  if (reply.find("ttttt") == std::string::npos) give_up(reply);
  std::printf("request %zu bytes, reply %zu bytes, all on one CPU, %d rounds of %d calls\n",
              request.size(), reply.size(), kRounds, kCalls);
  for (const int clients : {1, 8}) compare(socket, request, reply.size(), clients, reeved);
  measure_audit(directory);
  compare_library(socket, session, request);
  ::kill(reeved, SIGTERM);
  ::waitpid(reeved, nullptr, 0);
  if (std::system(("rm -rf " + directory).c_str()) != 0) return 1;
  return 0;
}
