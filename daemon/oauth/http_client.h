// HttpClient: who carries out an exchange. In the daemon that is reeve-fetch behind its socket,
// which has all guards in one place (TLS, no redirects, no private addresses, limits); in tests a
// fake.
#pragma once

#include "async/task.h"
#include "base/result.h"
#include "oauth/http.h"

namespace reeve {

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // The answer, whatever its status; an error where there was none (no connection, refused by a
  // guard, over a limit). Dropping the task gives the exchange up.
  virtual Task<Result<HttpResponse>> send(HttpRequest request) = 0;
};

}  // namespace reeve
