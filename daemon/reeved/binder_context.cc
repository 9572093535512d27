#include "reeved/binder_context.h"

#include "peer/tracking.h"
#include "session/unix_sign_in.h"

namespace reeve {

std::string BinderContext::binding(const SetupRef& setup) {
  if (setup_ != setup) {
    setup_ = setup;
    const BindingConfig* const found = setup->binding_of(peer_);
    holds_ = found != nullptr && found->name == binding_;
  }
  return holds_ ? binding_ : std::string();
}

std::optional<uid_t> BinderContext::owner_of(const TcpEnd& client,
                                             const BindingConfig& binding) const {
  if (!pidfd_ || !takes_unix_users(binding)) return std::nullopt;
  const auto owner = socket_owner(peer_.pid, {client, port_of(binding), peer_.uid});
  // Else the number may be another process's by now, of another namespace.
  return alive(pidfd_.get()) ? owner : std::nullopt;
}

}  // namespace reeve
