// FetchClient: the HttpClient of the daemon: hands each exchange to an instance of reeve-fetch over
// its socket.
#pragma once

#include <string>

#include "base/json.h"
#include "oauth/http_client.h"

namespace reeve {

class FetchClient final : public HttpClient {
 public:
  struct Target {
    std::string socket;
    bool loopback_http = false;
    bool private_addresses = false;
    int64_t milliseconds = 30'000;  // until the whole answer of one exchange is here
  };
  FetchClient(Loop& loop, Target target) : loop_(loop), target_(std::move(target)) {}

  Task<Result<HttpResponse>> send(HttpRequest request) override;
  // A reeve-fetch that dies meanwhile is asked again, by the same id, when it is back.
  Task<HeldOutcome> send_held(HttpRequest request, Hold hold) override;
  Task<HeldOutcome> recall(Hold hold) override;
  Task<Result<HeldList>> held() override;
  Task<Result<void>> acknowledge(std::string id) override;

 private:
  Task<HeldOutcome> ask_held(std::string parameters, Hold hold, int64_t timeout);

  Loop& loop_;
  const Target target_;
};

}  // namespace reeve
