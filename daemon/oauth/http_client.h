// HttpClient: who carries out an exchange. In the daemon that is reeve-fetch behind its socket,
// which has all guards in one place (TLS, no redirects, no private addresses, limits); in tests a
// fake.
//
// An exchange that a server does only once (a refresh token that rotates, a code) is held: it has
// an id, under which it is sent at most once, whoever dies meanwhile, and its answer waits, sealed
// to us, until we acknowledge it.
#pragma once

#include <variant>

#include "async/task.h"
#include "base/result.h"
#include "crypto/box.h"
#include "oauth/http.h"

namespace reeve {

struct Hold {
  std::string id;                  // of this exchange alone
  std::string epoch;               // Held::epoch when the id was made: another one knows no ids
  const SealKeys* keys = nullptr;  // outlive the task
};

struct HoldFailure {
  Fate fate = Fate::lost;
  Error error;
};
using HeldOutcome = std::variant<HttpResponse, HoldFailure>;

// What a carrier holds.
struct HeldList {
  std::string epoch;             // another one when it lost what it held
  std::vector<std::string> ids;  // under way or answered
};

class HttpClient {
 public:
  virtual ~HttpClient() = default;
  // The answer, whatever its status; an error where there was none (no connection, refused by a
  // guard, over a limit). Dropping the task gives the exchange up.
  virtual Task<Result<HttpResponse>> send(HttpRequest request) = 0;
  // The answer to the exchange of that id, which is sent if it was not begun before; dropping the
  // task leaves it under way.
  virtual Task<HeldOutcome> send_held(HttpRequest request, Hold hold) = 0;
  // The same, where it may be begun already; nothing is sent. Fate::not_sent: it was not begun.
  virtual Task<HeldOutcome> recall(Hold hold) = 0;
  virtual Task<Result<HeldList>> held() = 0;
  // Its answer is safe with us, or of no use: the carrier forgets it.
  virtual Task<Result<void>> acknowledge(std::string id) = 0;
};

}  // namespace reeve
