#include "reeved/binder_context.h"

namespace reeve {

std::string BinderContext::binding(const SetupRef& setup) {
  if (setup_ != setup) {
    setup_ = setup;
    const BindingConfig* const found = setup->binding_of(peer_);
    holds_ = found != nullptr && found->name == binding_;
  }
  return holds_ ? binding_ : std::string();
}

}  // namespace reeve
