// Transport: carries requests, many at once, on the loop: libcurl's multi handle behind a
// coroutine.
//
// It knows neither the wire nor the spool. How a request is guarded is transfer.h's. GETs may use a
// kept connection to the same origin again; everything else gets a new one.
#pragma once

#include <curl/curl.h>

#include <map>
#include <memory>
#include <string>

#include "async/fd_watch.h"
#include "async/timer.h"
#include "fetch/curl_library.h"
#include "fetch/message.h"

namespace reeve {

class Transport final {
 public:
  // `ca_file`: the trusted certificates (PEM); empty: the system's.
  Transport(Loop& loop, const CurlLibrary& library, std::string ca_file);
  ~Transport();  // after every task that fetches
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  // Ends by the request's own deadline at the latest. Dropping it gives the request up.
  Task<FetchOutcome> fetch(FetchRequest request);

 private:
  class Running;
  static int on_socket(CURL* easy, curl_socket_t socket, int what, void* self, void* unused);
  static int on_timer(CURLM* multi, long milliseconds, void* self);
  void act(curl_socket_t socket, int events);
  void collect();

  Loop& loop_;
  std::string ca_file_;
  std::map<curl_socket_t, std::unique_ptr<FdWatch>> watches_;
  Timer timer_;
  CURLM* multi_;
};

}  // namespace reeve
