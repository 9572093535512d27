#include "reeved/agent_context.h"

#include <sys/socket.h>

#include "audit/event.h"

namespace reeve {

AgentContext::AgentContext(Loop& loop, Attested attested, int socket, std::shared_ptr<void> counted)
    : attested_(std::move(attested)),
      counted_(std::move(counted)),
      watch_(loop, attested_.pidfd.get(), [this, socket](int) {
        watch_.want(0);
        ::shutdown(socket, SHUT_RDWR);
      }) {
  watch_.want(FdWatch::kReadable);
}

const WorkloadConfig* AgentContext::workload(const SetupRef& setup) {
  if (setup_ != setup) {
    setup_ = setup;
    match_ = setup->policy.match(peer());
    const std::string name = match_.workload == nullptr ? "" : match_.workload->name;
    actor_ = render_actor({name, peer().evidence(), "agent"});
  }
  return match_.workload;
}

const std::string& AgentContext::actor(const SetupRef& setup) {
  workload(setup);
  return actor_;
}

}  // namespace reeve
