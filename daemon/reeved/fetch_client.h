// FetchClient: the HttpClient of the daemon: hands each exchange to an instance of reeve-fetch over
// its socket.
#pragma once

#include <string>

#include "oauth/http_client.h"

namespace reeve {

class FetchClient final : public HttpClient {
 public:
  struct Target {
    std::string socket;
    bool loopback_http = false;
    bool private_addresses = false;
  };
  FetchClient(Loop& loop, Target target) : loop_(loop), target_(std::move(target)) {}

  Task<Result<HttpResponse>> send(HttpRequest request) override;

 private:
  Loop& loop_;
  const Target target_;
};

}  // namespace reeve
