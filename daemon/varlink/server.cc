#include "varlink/server.h"

#include <sys/socket.h>

#include "varlink/connection.h"

namespace reeve::varlink {

Server::Server(Loop& loop, Fd listening, const Service& service, ServerLimits limits, Admit admit)
    : loop_(loop),
      service_(service),
      limits_(limits),
      admit_(std::move(admit)),
      acceptor_(loop, std::move(listening)),
      reaper_(loop),
      tasks_(loop) {
  tasks_.spawn(accept_all());
}

Server::~Server() = default;

Task<void> Server::accept_all() {
  while (true) {
    Fd fd = co_await acceptor_.accept();
    if (connections_.size() >= limits_.connections) continue;
    Admission admission = admit_(fd.get());
    if (admission.context == nullptr) {
      if (admission.refusal.error.empty()) continue;
      std::string text = reply_text(admission.refusal, false);
      text += '\0';
      // Best effort: an empty socket takes a short frame whole.
      if (::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL | MSG_DONTWAIT) < 0) continue;
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
