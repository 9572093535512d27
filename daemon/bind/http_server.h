// HttpServer: libmicrohttpd on the loop. Reads one request a connection, has it answered by a
// coroutine, sends the answer with the headers that every answer carries.
//
// The library is driven from outside by its epoll descriptor. While a request is being answered its
// connection is suspended: the library then sees neither its end nor its timeout, so whatever
// answers must have deadlines of its own. A request must have arrived whole within
// `request_milliseconds` of its connection, however slowly it drips, and its answer must be taken
// within as many again.
//
// What the library finds unreadable (no HTTP, no room for the headers) it answers by itself, with
// its own few words and none of our headers; nothing of it reaches this program.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "async/fd_watch.h"
#include "async/timer.h"
#include "base/fd.h"
#include "bind/certificate.h"
#include "bind/http.h"

struct MHD_Daemon;

namespace reeve {

struct HttpLimits {
  size_t body_bytes = size_t{8} * 1024;
  unsigned connections = 512;
  // From one connecting address. A proxy is one for all.
  unsigned connections_per_address = 32;
  int64_t request_milliseconds = 15'000;
};

class HttpServer final {
 public:
  using Handler = std::function<Task<Answer>(Request)>;

  // Starts to serve the listening socket, by TLS where there is a certificate. `site` must outlive
  // it; the certificate only this call.
  static Result<std::unique_ptr<HttpServer>> start(Loop& loop, const Site& site, Fd listening,
                                                   HttpLimits limits, Handler handler,
                                                   const Certificate* certificate = nullptr);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  size_t connections() const { return connections_.size(); }

 private:
  struct Connection;
  struct Callbacks;  // the library's, in C
  HttpServer(Loop& loop, const Site& site, HttpLimits limits, Handler handler);
  void pump();
  bool receive(Connection& connection, std::string_view data);
  bool reply(Connection& connection);
  Task<void> serve(Connection& connection);

  Loop& loop_;
  const Site& site_;
  HttpLimits limits_;
  Handler handler_;
  MHD_Daemon* daemon_ = nullptr;
  std::map<Connection*, std::unique_ptr<Connection>> connections_;
  std::unique_ptr<FdWatch> watch_;
  Timer timer_;
  TaskSet tasks_;
};

}  // namespace reeve
