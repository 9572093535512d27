// BinderContext: what a connection on bind.sock knows of its peer: which binding it speaks for.
//
// Resolved at accept and frozen. After a reload the peer must still be the one who speaks for that
// binding, else its calls are refused: it connects anew, and is looked at anew.
#pragma once

#include <string>

#include "peer/peer.h"
#include "session/setup.h"
#include "varlink/service.h"

namespace reeve {

class BinderContext final : public varlink::ConnectionContext {
 public:
  BinderContext(Peer peer, std::string binding)
      : peer_(std::move(peer)), binding_(std::move(binding)) {}

  // The binding's name; empty where the setup in force gives it to another process.
  std::string binding(const SetupRef& setup);

 private:
  const Peer peer_;
  const std::string binding_;
  SetupRef setup_;  // what the next one belongs to
  bool holds_ = false;
};

}  // namespace reeve
