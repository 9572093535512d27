// BinderContext: what a connection on bind.sock knows of its peer: which binding it speaks for.
//
// Resolved at accept and frozen. After a reload the peer must still be the one who speaks for that
// binding, else its calls are refused: it connects anew, and is looked at anew.
#pragma once

#include <string>

#include "base/fd.h"
#include "peer/peer.h"
#include "peer/socket_owner.h"
#include "session/setup.h"
#include "varlink/service.h"

namespace reeve {

class BinderContext final : public varlink::ConnectionContext {
 public:
  // pidfd: of the peer, where it is known.
  BinderContext(Peer peer, Fd pidfd, std::string binding)
      : peer_(std::move(peer)), pidfd_(std::move(pidfd)), binding_(std::move(binding)) {}

  // The binding's name; empty where the setup in force gives it to another process.
  std::string binding(const SetupRef& setup);
  // Who holds the other end of that connection to the binder, as its network namespace says now.
  std::optional<uid_t> owner_of(const TcpEnd& client, const BindingConfig& binding) const;

 private:
  const Peer peer_;
  const Fd pidfd_;
  const std::string binding_;
  SetupRef setup_;  // what the next one belongs to
  bool holds_ = false;
};

}  // namespace reeve
