// Bounce: a callback that comes as a form's POST (OAuth 2.0 Form Post Response Mode).
//
// It comes from the provider's page, so the browser sends no Lax cookie with it, and without the
// cookies there is no flow. It is answered by 303 to the same path, and with that GET the cookies
// arrive. What was posted goes along sealed, so that neither code nor state stands in an address
// bar, a history or a log, which is what providers choose this mode for. Nothing is stored: the key
// lives as long as this program. The POST itself does nothing: who makes a browser send one gets as
// far as by an address with the same parameters.
#pragma once

#include <optional>

#include "base/clock.h"
#include "bind/gate.h"
#include "crypto/key.h"

namespace reeve {

class Bounce final {
 public:
  explicit Bounce(const Clock& clock) : clock_(clock), key_(Key::random()) {}

  // The answer to the POST.
  Answer turn(const Visit& visit) const;
  // The parameters of the GET: those that were posted, where they were posted; nullopt: a sealed
  // text of another path, process or minute.
  std::optional<Fields> fields(const Visit& visit) const;

 private:
  const Clock& clock_;
  Key key_;
};

}  // namespace reeve
