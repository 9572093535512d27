// EventMethods: io.reeve.Admin.Events: what the audit writes, as it happens.
#pragma once

#include "audit/feed.h"
#include "session/setup.h"
#include "varlink/service.h"

namespace reeve {

class EventMethods final {
 public:
  struct Parts {
    Loop& loop;
    CurrentSetup& setup;
    Feed& feed;
  };
  explicit EventMethods(Parts parts) : parts_(parts) {}

  // Beside the other methods of io.reeve.Admin.
  void add_to(varlink::MethodTable& table);

 private:
  Task<varlink::Reply> events(varlink::Call& call);

  Parts parts_;
};

}  // namespace reeve
