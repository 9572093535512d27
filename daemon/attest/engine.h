// Engine: asks one container engine, over its Unix socket, what a container is.
//
// Only a socket that belongs to root is asked, and only root's answers count: whoever else runs an
// engine can make it say anything. Blocking, with a deadline and a bound; for the thread pool.
#pragma once

#include <string>

#include "attest/engine_answer.h"

namespace reeve {

class Engine final {
 public:
  // `owner`: the user whose socket it must be.
  Engine(std::string socket, uid_t owner, long milliseconds = 2000)
      : socket_(std::move(socket)), owner_(owner), milliseconds_(milliseconds) {}

  // `id`: the full one. An error says what is wrong with the engine or its answer.
  Result<ContainerFacts> container(const std::string& id) const;

 private:
  Result<void> check_socket() const;
  Result<std::string> get(const std::string& path) const;

  const std::string socket_;
  const uid_t owner_;
  const long milliseconds_;
};

// libcurl, for the life of the program; false: it does not start.
bool start_engine_library();

}  // namespace reeve
