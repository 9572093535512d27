#include "bind/http_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <microhttpd.h>
#include <sys/socket.h>

#include <array>
#include <optional>

#include "bind/pages/error_pages.h"
#include "bind/sender.h"

namespace reeve {
namespace {

// Room for the headers as they came and as the library keeps them: hundreds of cookies, each with a
// record of its own. Memory is touched only as it is used.
constexpr size_t kConnectionMemory = size_t{160} * 1024;
constexpr size_t kMostHeaders = 128;

MHD_Result add_header(void* cls, MHD_ValueKind, const char* key, size_t key_size, const char* value,
                      size_t value_size) {
  auto& headers = *static_cast<Headers*>(cls);
  if (headers.size() > kMostHeaders) return MHD_NO;
  headers.emplace_back(std::string(key, key_size),
                       std::string(value == nullptr ? "" : value, value_size));
  return MHD_YES;
}

// What cannot be read at all: bodies are short and of a stated length (no transfer coding, which a
// proxy before us and the library might read differently). 0: sound.
int fault_of_body(const Request& request, size_t limit) {
  if (!request.values("transfer-encoding").empty()) return 411;
  const auto lengths = request.values("content-length");
  if (lengths.empty()) return 0;
  const std::string_view length = lengths.front();
  const bool number = !length.empty() && length.find_first_not_of("0123456789") == length.npos;
  if (lengths.size() > 1 || !number) return 400;
  if (length.size() > 9 || static_cast<size_t>(std::atol(std::string(length).c_str())) > limit) {
    return 413;
  }
  return 0;
}

PeerEnd end_of(const IpAddress& address, const sockaddr_storage& peer) {
  PeerEnd end;
  std::array<char, INET6_ADDRSTRLEN> text{};
  const IpAddress plain = unmapped(address);
  const int family = plain.v6 ? AF_INET6 : AF_INET;
  if (::inet_ntop(family, plain.octets.data(), text.data(), text.size()) == nullptr) return end;
  end.address = text.data();
  // In both families the port stands at the same place.
  end.port = ntohs(reinterpret_cast<const sockaddr_in&>(peer).sin_port);
  return end;
}

// Who sends it, by its connection.
void read_sender(int fd, Request& request, const Site& site) {
  sockaddr_storage peer{};
  socklen_t length = sizeof peer;
  auto* const name = reinterpret_cast<sockaddr*>(&peer);
  if (::getpeername(fd, name, &length) != 0) return;
  const auto address = ip_of(name, length);
  if (!address) return;
  request.address = sender_of(*address, request.values("x-forwarded-for"), site.proxies);
  request.peer = end_of(*address, peer);
}

// TLS 1.2 and 1.3 (RFC 9325), in the words of GnuTLS, which the library speaks it with.
constexpr const char* kTls = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

}  // namespace

struct HttpServer::Connection {
  Connection(HttpServer& owner, MHD_Connection* handle, int number)
      : server(owner), raw(handle), fd(number), deadline(owner.loop_) {
    restart_deadline();
  }
  // Not closed but shut down: the descriptor is the library's, which then sees the end.
  void restart_deadline() {
    deadline.start(server.limits_.request_milliseconds,
                   [number = fd] { ::shutdown(number, SHUT_RDWR); });
  }

  HttpServer& server;
  MHD_Connection* raw;
  int fd;
  Timer deadline;
  Request request;
  std::optional<Answer> answer;
  bool begun = false;      // the headers are there
  bool suspended = false;  // being answered
};

struct HttpServer::Callbacks {
  static Connection* of(MHD_Connection* raw) {
    const auto* info = MHD_get_connection_info(raw, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info == nullptr ? nullptr : static_cast<Connection*>(info->socket_context);
  }

  static void notify(void* cls, MHD_Connection* raw, void** context,
                     MHD_ConnectionNotificationCode code) {
    auto& server = *static_cast<HttpServer*>(cls);
    if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
      server.connections_.erase(static_cast<Connection*>(*context));
      *context = nullptr;
      return;
    }
    const auto* info = MHD_get_connection_info(raw, MHD_CONNECTION_INFO_CONNECTION_FD);
    auto connection = std::make_unique<Connection>(server, raw, info->connect_fd);
    *context = connection.get();
    server.connections_.emplace(connection.get(), std::move(connection));
  }

  // The target as it was sent, before the library decodes and splits it.
  static void* target(void*, const char* uri, MHD_Connection* raw) {
    if (Connection* connection = of(raw)) connection->request.target = uri;
    return nullptr;
  }

  static MHD_Result handle(void*, MHD_Connection* raw, const char*, const char* method, const char*,
                           const char* data, size_t* size, void**) {
    Connection* connection = of(raw);
    if (connection == nullptr) return MHD_NO;
    if (connection->answer) return connection->server.reply(*connection) ? MHD_YES : MHD_NO;
    if (!connection->begun) connection->request.method = method;
    const std::string_view piece(data == nullptr ? "" : data, *size);
    *size = 0;
    return connection->server.receive(*connection, piece) ? MHD_YES : MHD_NO;
  }
};

HttpServer::HttpServer(Loop& loop, const Site& site, HttpLimits limits, Handler handler)
    : loop_(loop),
      site_(site),
      limits_(limits),
      handler_(std::move(handler)),
      timer_(loop),
      tasks_(loop) {}

Result<std::unique_ptr<HttpServer>> HttpServer::start(Loop& loop, const Site& site, Fd listening,
                                                      HttpLimits limits, Handler handler,
                                                      const Certificate* certificate) {
  auto server = std::unique_ptr<HttpServer>(new HttpServer(loop, site, limits, std::move(handler)));
  ::fcntl(listening.get(), F_SETFL, ::fcntl(listening.get(), F_GETFL) | O_NONBLOCK);
  ::fcntl(listening.get(), F_SETFD, FD_CLOEXEC);
  // The library's own timeout is a second line behind our deadline; it counts idle seconds.
  const auto idle = static_cast<unsigned>(limits.request_milliseconds / 1000 + 1);
  // An option that ends the list, where there is no TLS.
  const MHD_OptionItem tls[] = {
      {certificate ? MHD_OPTION_HTTPS_MEM_CERT : MHD_OPTION_END, 0,
       certificate ? const_cast<char*>(certificate->chain.c_str()) : nullptr},
      {MHD_OPTION_HTTPS_MEM_KEY, 0,
       certificate ? const_cast<char*>(certificate->key.reveal().data()) : nullptr},
      {MHD_OPTION_HTTPS_PRIORITIES, 0, const_cast<char*>(kTls)},
      {MHD_OPTION_END, 0, nullptr}};
  server->daemon_ = MHD_start_daemon(
      MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME | (certificate ? unsigned{MHD_USE_TLS} : 0U), 0,
      nullptr, nullptr, &Callbacks::handle, nullptr, MHD_OPTION_LISTEN_SOCKET, listening.get(),
      MHD_OPTION_NOTIFY_CONNECTION, &Callbacks::notify, server.get(), MHD_OPTION_URI_LOG_CALLBACK,
      &Callbacks::target, nullptr, MHD_OPTION_CONNECTION_LIMIT, limits.connections,
      MHD_OPTION_PER_IP_CONNECTION_LIMIT, limits.connections_per_address,
      MHD_OPTION_CONNECTION_TIMEOUT, idle, MHD_OPTION_CONNECTION_MEMORY_LIMIT, kConnectionMemory,
      MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_ARRAY, tls,
      MHD_OPTION_END);
  if (server->daemon_ == nullptr && certificate) {
    return Error{Code::invalid,
                 "no TLS with --certificate and --certificate-key: expected PEM, "
                 "the key that belongs to the first certificate, not encrypted"};
  }
  if (server->daemon_ == nullptr) return Error{Code::io, "libmicrohttpd does not start"};
  listening.release();  // closed by the library
  const auto* info = MHD_get_daemon_info(server->daemon_, MHD_DAEMON_INFO_EPOLL_FD);
  if (info == nullptr) return Error{Code::io, "libmicrohttpd has no epoll descriptor"};
  server->watch_ =
      std::make_unique<FdWatch>(loop, info->epoll_fd, [self = server.get()](int) { self->pump(); });
  server->watch_->want(FdWatch::kReadable);
  return server;
}

HttpServer::~HttpServer() {
  watch_.reset();
  timer_.stop();
  if (daemon_ == nullptr) return;
  // The library ends the process if it is stopped with a suspended connection.
  for (auto& [connection, owned] : connections_) {
    if (connection->suspended) MHD_resume_connection(connection->raw);
  }
  MHD_stop_daemon(daemon_);
}

void HttpServer::pump() {
  MHD_run(daemon_);
  MHD_UNSIGNED_LONG_LONG wait = 0;
  if (MHD_get_timeout(daemon_, &wait) == MHD_YES) {
    timer_.start(static_cast<int64_t>(wait), [this] { pump(); });
  } else {
    timer_.stop();
  }
}

// Called when the headers are there, for each piece of the body, and at its end.
bool HttpServer::receive(Connection& connection, std::string_view data) {
  Request& request = connection.request;
  if (!connection.begun) {
    connection.begun = true;
    MHD_get_connection_values_n(connection.raw, MHD_HEADER_KIND, &add_header, &request.headers);
    read_sender(connection.fd, request, site_);
    int fault = fault_of_body(request, limits_.body_bytes);
    if (request.headers.size() > kMostHeaders) fault = 431;
    if (fault != 0) {
      connection.answer = error_answer(look_for(site_, request), fault);
      return reply(connection);
    }
    return true;
  }
  if (!data.empty()) {
    request.body += data;
    return request.body.size() <= limits_.body_bytes;
  }
  connection.deadline.stop();
  connection.suspended = true;
  MHD_suspend_connection(connection.raw);
  tasks_.spawn(serve(connection));
  return true;
}

Task<void> HttpServer::serve(Connection& connection) {
  Request request = std::move(connection.request);
  Answer answer = co_await handler_(std::move(request));
  connection.answer = std::move(answer);
  connection.suspended = false;
  connection.restart_deadline();
  MHD_resume_connection(connection.raw);
  pump();  // without it, the library looks again only when something else happens
}

bool HttpServer::reply(Connection& connection) {
  Answer& answer = *connection.answer;
  MHD_Response* response = MHD_create_response_from_buffer(answer.body.size(), answer.body.data(),
                                                           MHD_RESPMEM_MUST_COPY);
  if (response == nullptr) return false;
  bool whole = true;
  for (const Headers& headers : {standing_headers(site_, answer), answer.headers}) {
    for (const auto& [name, value] : headers) {
      whole = whole && MHD_add_response_header(response, name.c_str(), value.c_str()) == MHD_YES;
    }
  }
  // A header that cannot be sent is a bug; an answer without it is none.
  whole = whole && MHD_queue_response(connection.raw, static_cast<unsigned>(answer.status),
                                      response) == MHD_YES;
  MHD_destroy_response(response);
  return whole;
}

}  // namespace reeve
