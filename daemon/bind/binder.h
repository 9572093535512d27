// Binder: from a request to its answer: the gate, then the walk that the path names.
//
// A relay of opaque values: which user, which question, whether it may go on is reeved's to say.
// This program holds no token, no client secret and no state but the browser's cookies.
#pragma once

#include "bind/desk.h"

namespace reeve {

class Binder final {
 public:
  // All must outlive it.
  Binder(const Site& site, BindingClient& reeved, const Clock& clock)
      : bounce_(clock), pace_(clock), desk_{site, reeved, clock, bounce_, pace_} {}

  Task<Answer> answer(Request request);

 private:
  Task<Answer> walk(Visit visit);
  const Bounce bounce_;
  Pace pace_;
  Desk desk_;
};

}  // namespace reeve
