#include "varlink/server.h"

#include <sys/socket.h>

#include "varlink/ancillary.h"
#include "varlink/connection.h"

namespace reeve::varlink {

Server::Server(Loop& loop, Fd listening, const Service& service, ServerLimits limits, Admit admit)
    : loop_(loop),
      service_(service),
      limits_(std::move(limits)),
      admit_(std::move(admit)),
      acceptor_(loop, std::move(listening)),
      reaper_(loop),
      tasks_(loop) {
  // What is accepted inherits it.
  if (limits_.senders) want_senders(acceptor_.socket());
  tasks_.spawn(accept_all());
}

Server::~Server() = default;

// Best effort: an empty socket takes a short frame whole.
void Server::refuse(const Fd& fd, const Reply& refusal) const {
  if (refusal.error.empty()) return;
  std::string text = reply_text(refusal, false);
  text += '\0';
  // Nobody is left to be told of a failure.
  static_cast<void>(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT));
}

Task<void> Server::accept_all() {
  while (true) {
    Fd fd = co_await acceptor_.accept();
    if (connections_.size() >= limits_.connections) {
      refuse(fd, Reply::failure(limits_.crowded, R"({"limit":"connections","retry_after":1})"));
      continue;
    }
    Admission admission = admit_(fd.get());
    if (admission.context == nullptr) {
      refuse(fd, admission.refusal);
      continue;
    }
    auto connection =
        std::make_unique<Connection>(*this, std::move(fd), std::move(admission.context));
    Connection* key = connection.get();
    connections_[key] = std::move(connection);
  }
}

void Server::remove(Connection* connection) {
  const auto found = connections_.find(connection);
  if (found == connections_.end()) return;
  closing_.push_back(std::move(found->second));
  connections_.erase(found);
  reaper_.start(0, [this] { closing_.clear(); });
}

}  // namespace reeve::varlink
