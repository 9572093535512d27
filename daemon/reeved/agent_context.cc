#include "reeved/agent_context.h"

#include <sys/socket.h>

#include "audit/event.h"

namespace reeve {
namespace {

// Labels are many, and the engine's to keep: the audit names the container.
std::map<std::string, std::string> audited_evidence(const Peer& peer) {
  auto evidence = peer.evidence();
  std::erase_if(evidence, [](const auto& item) { return item.first.starts_with("label."); });
  return evidence;
}

}  // namespace

AgentContext::AgentContext(Loop& loop, Parts parts, Attested attested, int socket,
                           std::shared_ptr<void> counted)
    : current_(parts.setup),
      attestor_(parts.attestor),
      strangers_(parts.strangers),
      attested_(std::move(attested)),
      counted_(std::move(counted)),
      watch_(loop, attested_.pidfd.get(), [this, socket](int) {
        watch_.want(0);
        ::shutdown(socket, SHUT_RDWR);
      }) {
  watch_.want(FdWatch::kReadable);
}

AgentContext::~AgentContext() {
  if (stranger_) --*strangers_;
}

Task<bool> AgentContext::prepare() {
  const SetupRef setup = current_.get();
  const AttestationWanted wanted = setup->policy.wanted(peer());
  if (attestor_ != nullptr && wanted.any()) {
    attested_.peer.attested = co_await attestor_->ask(peer(), attested_.pidfd.get(), wanted);
    if (!alive(attested_.pidfd.get())) co_return false;
  }
  prepared_ = true;
  if (strangers_ == nullptr || workload(current_.get()) != nullptr) co_return true;
  if (*strangers_ >= static_cast<size_t>(current_.get()->config.limits.connections_of_strangers))
    co_return false;
  ++*strangers_;
  stranger_ = true;
  co_return true;
}

void AgentContext::heard(std::optional<pid_t> sender) {
  if (sender != peer().pid) foreign_sender_ = true;
}

const WorkloadConfig* AgentContext::workload(const SetupRef& setup) {
  if (setup_ != setup) {
    setup_ = setup;
    match_ = setup->policy.match(peer());
    const std::string name = match_.workload == nullptr ? "" : match_.workload->name;
    scope_ = match_.workload == nullptr ? "" : Policy::scope_of(*match_.workload, peer());
    actor_ = render_actor({name, audited_evidence(peer()), "agent"});
  }
  return match_.workload;
}

const std::string& AgentContext::scope(const SetupRef& setup) {
  workload(setup);
  return scope_;
}

const std::string& AgentContext::actor(const SetupRef& setup) {
  workload(setup);
  return actor_;
}

bool AgentContext::pinned(const SetupRef& setup) {
  const WorkloadConfig* const found = workload(setup);
  return found != nullptr && found->pinned;
}

Task<bool> AgentContext::still_the_same() {
  const std::optional<std::string> before = peer().attested.sha256;
  std::optional<std::string> now;
  if (attestor_ != nullptr && before && !foreign_sender_) {
    AttestationWanted wanted;
    wanted.executable = true;
    const Attestation attested = co_await attestor_->ask(peer(), attested_.pidfd.get(), wanted);
    now = attested.sha256;
  }
  const bool same = now && now == before && !foreign_sender_;
  // Nothing that runs there now gets another chance on this connection; it may open its own.
  if (!same) foreign_sender_ = true;
  co_return same;
}

}  // namespace reeve
